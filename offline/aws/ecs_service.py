"""ECS services: made, changed in place, drained before they go."""

from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.waiting import WaitError, wait_until
from offline.plugin.wire import State

from .call import REGION, Call
from .ecs_service_wire import arguments, cluster_of, last_part, state_of
from .tags import lower_tag_list, retag_arn
from .waiting import patiently

_REQUIRED = Property(required=True)
# IAM and load balancing tell ECS about a new role or target group some seconds late.
_LATE = frozenset({"InvalidParameterException", "ClusterNotFoundException"})
_LATE_WORDS = (
    "verify that the ECS service role being passed",
    "does not have an associated load balancer",
    "Cluster not found",
)
_AT_CREATION = ("cluster", "launchType", "schedulingStrategy", "deploymentController")


def _create(call: Call) -> str:
    props = call.props
    fixed = {name: props[name] for name in _AT_CREATION if props.get(name)}
    tags = {"tags": lower_tag_list(call.tags)} if call.tags else {}
    given = {name for name in SERVICE.properties if props.get(name) is not None}
    replicas = set() if props["schedulingStrategy"] == "DAEMON" else {"desiredCount"}
    wanted = {**arguments(props, frozenset(given | replicas)), **fixed, **tags}
    wanted.pop("forceNewDeployment", None)
    answer = patiently(
        lambda: call.client("ecs").create_service(serviceName=props["name"], **wanted),
        _LATE,
        60.0,
        call.cloud.cancelled,
        _LATE_WORDS,
    )
    return str(answer["service"]["serviceArn"])


def _describe(call: Call) -> State | None:
    """The service as the API tells it; None when it is not there or has been deleted."""
    told = call.client("ecs").describe_services(
        cluster=cluster_of(call.id, call.props), services=[call.id], include=["TAGS"]
    )
    found = [each for each in told["services"] if each["status"] != "INACTIVE"]
    return dict(found[0]) if found else None


def _await(call: Call) -> None:
    """Active; with waitForSteadyState one deployment left, with all that it wants running."""
    if call.props.get("waitForSteadyState"):
        wait_until(
            lambda: _steady(call), f"service {call.id} steady", call.timeout, call.cloud.cancelled
        )


def _steady(call: Call) -> bool:
    told = _describe(call)
    if told is None:
        raise LookupError(f"service {call.id} was deleted while it was waited for")
    deployments = told.get("deployments") or []
    for each in deployments:
        if each["status"] == "PRIMARY" and each.get("rolloutState") == "FAILED":
            raise WaitError(
                f"service {call.id}: the deployment failed: {each.get('rolloutStateReason')}; "
                "see the service's events and the logs of its tasks"
            )
    return len(deployments) == 1 and told["runningCount"] == told["desiredCount"]


def _read(call: Call) -> State | None:
    told = _describe(call)
    if told is None or told["status"] == "DRAINING":
        return None
    return state_of(told, call.props)


def _update(call: Call, changed: frozenset[str]) -> None:
    ecs = call.client("ecs")
    if wanted := arguments(call.props, changed):
        if call.props.get("forceNewDeployment"):
            wanted["forceNewDeployment"] = True
        cluster = cluster_of(call.id, call.props)
        ecs.update_service(cluster=cluster, service=call.id, **wanted)
    if "tagsAll" in changed:
        retag_arn(call, ecs, lower_tag_list(call.tags))
    _await(call)


def _delete(call: Call) -> None:
    ecs, cluster = call.client("ecs"), cluster_of(call.id, call.props)
    force = bool(call.props.get("forceDelete"))
    told = _describe(call)
    if told is None:
        return
    replicas = call.props.get("schedulingStrategy") != "DAEMON"
    if told["status"] != "DRAINING" and replicas and not force:
        ecs.update_service(cluster=cluster, service=call.id, desiredCount=0)
    if told["status"] != "DRAINING":
        patiently(
            lambda: ecs.delete_service(cluster=cluster, service=call.id, force=force),
            frozenset({"InvalidParameterException"}),
            call.timeout,
            call.cloud.cancelled,
            ("The service cannot be stopped while",),
        )
    wait_until(
        lambda: _describe(call) is None,
        f"service {call.id} drained",
        call.timeout,
        call.cloud.cancelled,
    )


_NETWORK = Property(
    "block",
    fields={
        "subnets": Property("set", required=True),
        "securityGroups": Property("set"),
        "assignPublicIp": Property(),
    },
)
_BALANCERS = Property(
    "blockset",
    fields={
        "containerName": _REQUIRED,
        "containerPort": _REQUIRED,
        "targetGroupArn": Property(),
        "elbName": Property(),
    },
)


def _same_last_part(want: object, have: object) -> bool:
    """Whether a name and an ARN, or two of a kind, mean the same cluster or revision."""
    return want == have or last_part(want) == last_part(have)


SERVICE = ResourceType(
    "aws:ecs/service:Service",
    properties={
        "name": Property(replaces=True, named="hex"),
        "cluster": Property(_same_last_part, computed=True, replaces=True),
        "taskDefinition": Property(_same_last_part),
        "desiredCount": Property(),
        "launchType": Property(computed=True, replaces=True),
        "platformVersion": Property(computed=True),
        "schedulingStrategy": Property(replaces=True, default="REPLICA"),
        "deploymentController": Property(
            "block", computed=True, replaces=True, fields={"type": Property()}
        ),
        "networkConfiguration": _NETWORK,
        "loadBalancers": _BALANCERS,
        "healthCheckGracePeriodSeconds": Property(),
        "deploymentCircuitBreaker": Property(
            "block", computed=True, fields={"enable": _REQUIRED, "rollback": _REQUIRED}
        ),
        "deploymentMaximumPercent": Property(default=200),
        "deploymentMinimumHealthyPercent": Property(default=100),
        "enableEcsManagedTags": Property(),
        "enableExecuteCommand": Property(),
        "propagateTags": Property(computed=True),
        "forceDelete": Property(),
        "forceNewDeployment": Property(),
        "triggers": Property("map", computed=True),
        "waitForSteadyState": Property(default=False),
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset({"arn", "tagsAll"}),
    create=_create,
    complete=_await,
    read=_read,
    update=_update,
    delete=_delete,
)
