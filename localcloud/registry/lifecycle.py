"""Which images a lifecycle policy expires, by the rules that AWS documents.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

MOST_WILDCARDS = 4
MOST_CHARACTERS = 30720


@dataclass(frozen=True)
class Seen:
    """An image as the evaluator sees it."""

    digest: str
    tags: tuple[str, ...]
    pushed: datetime
    children: tuple[str, ...] = ()
    """Digests of the manifests that an index names."""


def expired(policy: str, images: Iterable[Seen], now: datetime) -> dict[str, int]:
    """The digests that go, each with the priority of the rule that it goes by."""
    everything = list(images)
    rules = sorted(json.loads(policy)["rules"], key=lambda rule: int(rule["rulePriority"]))
    # All rules look at all images; then each image belongs to the first one that it matches.
    marked = {rule["rulePriority"]: _marked(rule["selection"], everything, now) for rule in rules}
    gone: dict[str, int] = {}
    for image in everything:
        rule = next((rule for rule in rules if selects(rule["selection"], image.tags)), None)
        if rule is not None and image.digest in marked[rule["rulePriority"]]:
            gone[image.digest] = int(rule["rulePriority"])
    return _without_children(gone, everything)


def selects(selection: dict[str, Any], tags: tuple[str, ...]) -> bool:
    """Whether an image with these tags is one that a rule speaks of."""
    status = selection["tagStatus"]
    if status == "any":
        return True
    if status == "untagged":
        return not tags
    patterns = [_pattern(each) for each in selection.get("tagPatternList", ())]
    patterns += [_pattern(f"{each}*") for each in selection.get("tagPrefixList", ())]
    return bool(tags) and all(any(each.fullmatch(tag) for tag in tags) for each in patterns)


def problem(policy: str) -> str | None:
    """What ECR would say of a policy that it doesn't take, beyond what moto checks."""
    if len(policy) > MOST_CHARACTERS:
        return f"the policy has {len(policy)} characters; the most are {MOST_CHARACTERS}"
    rules = json.loads(policy).get("rules", [])
    priorities = [rule.get("rulePriority") for rule in rules]
    if len(set(priorities)) < len(priorities):
        return "rule priorities must be unique"
    seen: set[tuple[str, ...]] = set()
    for rule in rules:
        selection = rule.get("selection", {})
        wanted = tuple(
            sorted(selection.get("tagPatternList") or selection.get("tagPrefixList", ()))
        )
        if (selection.get("tagStatus") == "tagged") != bool(wanted):
            return "tagPatternList or tagPrefixList belongs to tagStatus=tagged, and only there"
        if any(each.count("*") > MOST_WILDCARDS for each in wanted):
            return f"a tag pattern has more than {MOST_WILDCARDS} wildcards"
        if (key := (str(selection.get("tagStatus")), *wanted)) in seen:
            return "two rules select the same tags"
        seen.add(key)
    last = {rule["rulePriority"] for rule in rules if rule["selection"]["tagStatus"] == "any"}
    return "tagStatus=any must come last" if last and last != {max(priorities)} else None


def _marked(selection: dict[str, Any], images: list[Seen], now: datetime) -> set[str]:
    chosen = sorted(
        (image for image in images if selects(selection, image.tags)), key=lambda each: each.pushed
    )
    number = int(selection["countNumber"])
    if selection["countType"] == "imageCountMoreThan":
        return {image.digest for image in chosen[: max(0, len(chosen) - number)]}
    return {image.digest for image in chosen if image.pushed < now - timedelta(days=number)}


def _without_children(gone: dict[str, int], images: list[Seen]) -> dict[str, int]:
    """What an index names stays as long as the index does."""
    while True:
        held = {child for each in images if each.digest not in gone for child in each.children}
        if not held & gone.keys():
            return gone
        gone = {digest: rule for digest, rule in gone.items() if digest not in held}


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")))
