"""EC2 instances that carry a tag."""

from __future__ import annotations

from dataclasses import dataclass

from clients.aws import AwsAccess, client, translated

_THERE = ["pending", "running", "stopping", "stopped"]


@dataclass(frozen=True, kw_only=True)
class Machine:
    """One instance that has not been terminated."""

    id: str
    state: str
    """pending, running, stopping or stopped."""


def tagged(access: AwsAccess, tag: tuple[str, str]) -> list[Machine]:
    """The instances with that tag (name, value), by id. Raises AwsError."""
    name, value = tag
    filters = [
        {"Name": f"tag:{name}", "Values": [value]},
        {"Name": "instance-state-name", "Values": _THERE},
    ]
    with translated(f"looking for the instances tagged {name}={value}"):
        pages = client(access, "ec2").get_paginator("describe_instances").paginate(Filters=filters)
        found = [
            Machine(id=str(each["InstanceId"]), state=str(each["State"]["Name"]))
            for page in pages
            for reservation in page["Reservations"]
            for each in reservation["Instances"]
        ]
    return sorted(found, key=lambda each: each.id)
