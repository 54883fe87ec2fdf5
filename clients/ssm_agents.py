"""Agents of Systems Manager as it sees them, and what it has of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clients.aws import AwsAccess, AwsError, client, translated
from clients.ssm import MOST_INSTANCES

_NO_DOCUMENT = "InvalidDocument"


@dataclass(frozen=True, kw_only=True)
class Agent:
    """The agent of one instance."""

    ping: str
    """Online, ConnectionLost or Inactive."""
    version: str


def agents(access: AwsAccess, instances: Sequence[str]) -> dict[str, Agent]:
    """The agents of the instances, without those that Systems Manager does not know.

    One call for 50 instances. Raises AwsError.
    """
    found: dict[str, Agent] = {}
    for start in range(0, len(instances), MOST_INSTANCES):
        ids = list(instances[start : start + MOST_INSTANCES])
        with translated("asking Systems Manager which hosts are online"):
            pages = client(access, "ssm").get_paginator("describe_instance_information")
            for page in pages.paginate(Filters=[{"Key": "InstanceIds", "Values": ids}]):
                for each in page["InstanceInformationList"]:
                    found[str(each["InstanceId"])] = Agent(
                        ping=str(each["PingStatus"]), version=str(each.get("AgentVersion") or "")
                    )
    return found


def document_hash(access: AwsAccess, name: str) -> str | None:
    """The SHA-256 that AWS has of a document's default version; None if there is no document."""
    try:
        with translated(f"reading the document {name}"):
            answer = client(access, "ssm").describe_document(Name=name)
    except AwsError as error:
        if error.code == _NO_DOCUMENT:
            return None
        raise
    return str(answer["Document"]["Hash"])
