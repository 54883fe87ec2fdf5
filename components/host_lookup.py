"""Machines that others have made, found by a tag."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws


def look_up_instances(
    instances: Mapping[str, str] | None, opts: pulumi.InvokeOutputOptions
) -> pulumi.Output[aws.ec2.GetInstancesResult]:
    """The running machines that carry the tag of `{"tag": "name=value"}`, at each update anew.

    Raises `ValueError` if no tag is named.
    """
    key, separator, value = (instances or {}).get("tag", "").partition("=")
    if not (key and separator and value):
        raise ValueError(
            f"instances {instances!r} names no tag; allowed: tag: name=value, "
            "which must fit running instances"
        )
    found: pulumi.Output[aws.ec2.GetInstancesResult] = aws.ec2.get_instances_output(
        instance_tags={key: value}, instance_state_names=["running"], opts=opts
    )
    return found
