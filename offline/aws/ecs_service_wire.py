"""An ECS service between the program's properties and the API's structures."""

from collections.abc import Mapping
from typing import Any

from offline.plugin.naming import picked, present
from offline.plugin.wire import State

from .tags import tag_map

_SAME = (
    *("desiredCount", "enableECSManagedTags", "enableExecuteCommand"),
    *("healthCheckGracePeriodSeconds", "loadBalancers", "platformVersion", "propagateTags"),
    *("taskDefinition",),
)
_OURS = {"enableECSManagedTags": "enableEcsManagedTags"}
_DEPLOYMENT = frozenset(
    {"deploymentCircuitBreaker", "deploymentMaximumPercent", "deploymentMinimumHealthyPercent"}
)
_PATHS = {
    "arn": "serviceArn",
    "name": "serviceName",
    "deploymentCircuitBreaker": "deploymentConfiguration.deploymentCircuitBreaker",
    "deploymentController": "deploymentController",
    "deploymentMaximumPercent": "deploymentConfiguration.maximumPercent",
    "deploymentMinimumHealthyPercent": "deploymentConfiguration.minimumHealthyPercent",
    "launchType": "launchType",
    "schedulingStrategy": "schedulingStrategy",
}
# What says that a service has nothing of it any more.
_EMPTY: Mapping[str, Any] = {
    "desiredCount": 0,
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
    "healthCheckGracePeriodSeconds": 0,
    "loadBalancers": [],
    "propagateTags": "NONE",
}


def arguments(props: State, changed: frozenset[str]) -> State:
    """The arguments of create_service and update_service for the properties that changed."""
    wanted: State = {}
    for theirs in _SAME:
        ours = _OURS.get(theirs, theirs)
        if ours in changed:
            wanted[theirs] = props.get(ours) if props.get(ours) is not None else _EMPTY.get(theirs)
    if changed & _DEPLOYMENT:
        wanted["deploymentConfiguration"] = _deployment(props)
    if "networkConfiguration" in changed and (network := props.get("networkConfiguration")):
        wanted["networkConfiguration"] = network_to_api(network)
    if changed & {"forceNewDeployment", "triggers"} and props.get("forceNewDeployment"):
        wanted["forceNewDeployment"] = True
    return {name: value for name, value in wanted.items() if value is not None}


def _deployment(props: State) -> State:
    daemon = props.get("schedulingStrategy") == "DAEMON"
    return present(
        deploymentCircuitBreaker=props.get("deploymentCircuitBreaker"),
        maximumPercent=None if daemon else props.get("deploymentMaximumPercent"),
        minimumHealthyPercent=props.get("deploymentMinimumHealthyPercent"),
    )


def network_to_api(block: State) -> State:
    """The networkConfiguration of a service or a task."""
    return {
        "awsvpcConfiguration": present(
            subnets=block["subnets"],
            securityGroups=block.get("securityGroups"),
            assignPublicIp="ENABLED" if block.get("assignPublicIp") else "DISABLED",
        )
    }


def network_from_api(told: State | None) -> State | None:
    """The inverse of network_to_api."""
    inner = (told or {}).get("awsvpcConfiguration")
    return inner and {
        "subnets": inner.get("subnets") or [],
        "securityGroups": inner.get("securityGroups") or [],
        "assignPublicIp": inner.get("assignPublicIp") == "ENABLED",
    }


def state_of(told: State, prior: State) -> State:
    """The properties that the API tells, in the spelling (name or ARN) known before."""
    state = {name: value for name, value in picked(_PATHS, told).items() if value is not None}
    for theirs in _SAME:
        if told.get(theirs) is not None:
            state[_OURS.get(theirs, theirs)] = told[theirs]
    if network := network_from_api(told.get("networkConfiguration")):
        state["networkConfiguration"] = network
    named = not str(prior.get("cluster") or "arn:").startswith("arn:")
    state["cluster"] = last_part(told["clusterArn"]) if named else told["clusterArn"]
    return {**state, "tags": tag_map(told.get("tags"))}


def cluster_of(service_arn: str, props: State) -> str:
    """The cluster's name; old ARNs don't hold it."""
    parts = service_arn.split("/")
    return parts[1] if len(parts) == 3 else str(props.get("cluster") or "default")


def last_part(name_or_arn: object) -> str:
    """The name at the end of an ARN, or the name itself."""
    return str(name_or_arn).rsplit("/", 1)[-1]
