"""What `pulumi destroy` takes away, and what it leaves, by the resources of a stack's state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# What a person would miss, in their words; of everything else its type says what it is.
_KINDS = {
    "aws:cloudwatch/logGroup:LogGroup": "log group, with its logs",
    "aws:ec2/instance:Instance": "machine, with its disk and all that services wrote there",
    "aws:ecs/service:Service": "service of ECS, with its tasks",
    "aws:lambda/function:Function": "function, with all its versions",
    "aws:lambda/functionUrl:FunctionUrl": "address of a function",
    "aws:lb/loadBalancer:LoadBalancer": "load balancer, with its address",
    "rollout:index:Bundle": "bundle",
    "aws:ecr/repository:Repository": "repository, with its images",
    "aws:ecrpublic/repository:Repository": "repository, with its images",
    "aws:s3/bucket:Bucket": "bucket, with its records and bundles",
    "docker:index/container:Container": "container",
    "rollout:index:DockerRollout": "container",
}
# Deleting these deletes nothing anywhere: they act, or say what was done.
_OURS = "rollout:index:"
_IDS = ("name", "bucket", "repositoryName", "functionName", "arn")


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One resource of the state."""

    kind: str
    """What it is, in words."""
    name: str
    """What its owner calls it."""
    urn: str
    """Pulumi's name of it."""


@dataclass(frozen=True, kw_only=True)
class Destroyed:
    """What a destroy would do."""

    goes: tuple[Thing, ...]
    """What is deleted, in the order of the state."""
    stays: tuple[Thing, ...]
    """What leaves the state and stays in the account."""
    protected: tuple[Thing, ...]
    """What is deleted or left, but stops a destroy before anything until it is unprotected."""
    left_running: tuple[str, ...]
    """Services on machines that others have made, which keep running there."""


def destroyed(resources: Iterable[Mapping[str, Any]]) -> Destroyed:
    """Sorts the resources of `pulumi stack export`."""
    all_of_it = list(resources)
    real = [each for each in all_of_it if each.get("custom") and _is_something(each)]
    own_machine = any(each["type"] == "aws:ec2/instance:Instance" for each in real)
    hosted = [each for each in all_of_it if each["type"] == f"{_OURS}HostRollout"]
    return Destroyed(
        goes=tuple(_thing(each) for each in real if not each.get("retainOnDelete")),
        stays=tuple(_thing(each) for each in real if each.get("retainOnDelete")),
        protected=tuple(_thing(each) for each in all_of_it if each.get("protect")),
        left_running=() if own_machine else tuple(_name(each) for each in hosted),
    )


def _is_something(resource: Mapping[str, Any]) -> bool:
    kind = str(resource["type"])
    if kind.startswith(("pulumi:", "docker:index/remoteImage")) or resource.get("external"):
        return False
    return kind in _KINDS or not kind.startswith(_OURS)


def _thing(resource: Mapping[str, Any]) -> Thing:
    kind = str(resource["type"])
    words = _KINDS.get(kind) or f"{kind.partition(':')[0]} {kind.rpartition(':')[2]}"
    return Thing(kind=words, name=_name(resource), urn=str(resource["urn"]))


def _name(resource: Mapping[str, Any]) -> str:
    outputs = resource.get("outputs") or {}
    if resource["type"] == "rollout:index:Bundle":
        return str(outputs.get("key") or resource.get("id", ""))
    if str(resource["type"]).startswith(_OURS):
        return str((resource.get("inputs") or {}).get("service", resource.get("id", "")))
    if resource["type"] == "aws:ec2/instance:Instance":
        return str(resource.get("id", ""))
    found = (outputs.get(each) for each in _IDS)
    return str(next((each for each in found if isinstance(each, str) and each), "")
               or resource.get("id", ""))  # fmt: skip
