"""Tags: AWS's lists of them, and the calls that make them what is wanted."""

from collections.abc import Callable, Mapping
from typing import Any

from .call import Call

Change = Callable[..., Any]


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as the API's list of Key and Value."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_map(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Tags as a map, from a list of Key and Value in either case."""
    return {
        tag.get("Key", tag.get("key", "")): tag.get("Value", tag.get("value", ""))
        for tag in tags or []
    }


def lower_tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as the list of key and value that ECS wants."""
    return [{"key": key, "value": value} for key, value in tags.items()]


def retag(call: Call, tag: Change, untag: Change, target: Mapping[str, Any]) -> None:
    """Makes the tags of a resource those that are wanted, by calls with TagKeys and Tags."""
    if gone := gone_keys(call):
        untag(**target, TagKeys=gone)
    if call.tags:
        tag(**target, Tags=tag_list(call.tags))


def retag_arn(call: Call, client: Any, tags: Any) -> None:
    """The same by tag_resource of services that write resourceArn, tags and tagKeys.

    tags: the wanted ones as this service wants them.
    """
    if gone := gone_keys(call):
        client.untag_resource(resourceArn=call.olds["arn"], tagKeys=gone)
    if call.tags:
        client.tag_resource(resourceArn=call.olds["arn"], tags=tags)


def gone_keys(call: Call) -> list[str]:
    """The keys of tags that are there and not wanted any more."""
    return sorted(set(call.olds.get("tagsAll") or {}) - set(call.tags))
