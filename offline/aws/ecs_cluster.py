"""ECS clusters, made and looked up."""

from offline.plugin.naming import picked, present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.waiting import wait_until
from offline.plugin.wire import State

from .call import REGION, Call
from .invoke import lookup
from .tags import lower_tag_list, retag_arn, tag_map
from .waiting import patiently

_BUSY = frozenset(
    {
        "ClusterContainsContainerInstancesException",
        "ClusterContainsServicesException",
        "ClusterContainsTasksException",
        "UpdateInProgressException",
    }
)
_PATHS = {"arn": "clusterArn", "name": "clusterName", "settings": "settings"}


def _create(call: Call) -> str:
    answer = call.client("ecs").create_cluster(
        clusterName=call.props["name"],
        **present(settings=call.props.get("settings"), tags=lower_tag_list(call.tags) or None),
    )
    return str(answer["cluster"]["clusterArn"])


def describe(call: Call, cluster: str) -> State | None:
    """A cluster as the API tells it, by name or ARN; None when it is not there."""
    told = call.client("ecs").describe_clusters(clusters=[cluster], include=["SETTINGS", "TAGS"])
    found = [each for each in told["clusters"] if each["status"] != "INACTIVE"]
    return dict(found[0]) if found else None


def _await_active(call: Call) -> None:
    def active() -> bool:
        told = describe(call, call.id)
        return told is not None and told["status"] == "ACTIVE"

    wait_until(active, f"cluster {call.id} active", call.timeout, call.cloud.cancelled)


def _read(call: Call) -> State | None:
    told = describe(call, call.id)
    return told and {**picked(_PATHS, told), "tags": tag_map(told.get("tags"))}


def _update(call: Call, changed: frozenset[str]) -> None:
    ecs = call.client("ecs")
    if "settings" in changed:
        ecs.update_cluster_settings(cluster=call.id, settings=call.props.get("settings") or [])
    if "tagsAll" in changed:
        retag_arn(call, ecs, lower_tag_list(call.tags))


def _delete(call: Call) -> None:
    # Services and tasks that stop hold the cluster a while.
    patiently(
        lambda: call.client("ecs").delete_cluster(cluster=call.id),
        _BUSY,
        call.timeout,
        call.cloud.cancelled,
    )


CLUSTER = ResourceType(
    "aws:ecs/cluster:Cluster",
    properties={
        "name": Property(replaces=True, named="hex"),
        "settings": Property(
            "blockset",
            computed=True,
            fields={"name": Property(required=True), "value": Property(required=True)},
        ),
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset({"arn", "tagsAll"}),
    create=_create,
    complete=_await_active,
    read=_read,
    update=_update,
    delete=_delete,
)


def find_cluster(call: Call) -> State:
    """What aws.ecs.get_cluster tells; raises LookupError if the cluster is not there."""
    name = call.props["clusterName"]
    told = describe(call, name)
    if told is None:
        raise LookupError(
            f"ECS cluster '{name}' does not exist in {call.region}; "
            "`aws ecs list-clusters` shows those that do"
        )
    return {
        "arn": told["clusterArn"],
        "clusterName": told["clusterName"],
        "id": told["clusterArn"],
        "pendingTasksCount": told.get("pendingTasksCount", 0),
        "region": call.region,
        "registeredContainerInstancesCount": told.get("registeredContainerInstancesCount", 0),
        "runningTasksCount": told.get("runningTasksCount", 0),
        "settings": told.get("settings") or [],
        "status": told["status"],
        "tags": tag_map(told.get("tags")),
    }


FIND_CLUSTER = lookup(
    "ecs/getCluster",
    "clusterName! region tags",
    "arn clusterName id pendingTasksCount region registeredContainerInstancesCount "
    "runningTasksCount settings status tags",
    find_cluster,
)
