"""What a call speaks of: clusters, task definitions, services and tasks; AWS's refusals."""

from typing import Any

from moto.ecs.models import ecs_backends

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.ecs.network import invalid
from localcloud.ecs.scheduler import Scheduler
from localcloud.ecs.service import Service
from localcloud.ecs.task import Json, Task

EC2_ONLY = (
    "No Container Instances were found in your cluster. (The local cloud runs FARGATE tasks only.)"
)


def cluster_of(request: AwsRequest) -> Any:
    """moto's cluster; raises ClusterNotFoundException."""
    name = (request.text("cluster") or "default").rpartition("/")[2]
    found = ecs_backends[request.account][request.region].clusters.get(name)
    if found is None:
        raise AwsError("ClusterNotFoundException", "Cluster not found.")
    if found.status != "ACTIVE":
        raise AwsError("ClusterNotFoundException", "The referenced cluster was inactive.")
    return found


def definition_of(request: AwsRequest, wanted: str) -> Any:
    """moto's task definition of family, family:revision or ARN; raises ClientException."""
    family, _, revision = wanted.rpartition("/")[2].partition(":")
    known = ecs_backends[request.account][request.region].task_definitions.get(family) or {}
    if not revision:
        active = [number for number, each in known.items() if each.status == "ACTIVE"]
        revision = str(max(active, default=""))
    found = known.get(int(revision)) if revision.isdigit() else None
    if found is None:
        raise AwsError("ClientException", "TaskDefinition not found.")
    if found.status != "ACTIVE":
        raise AwsError("ClientException", "TaskDefinition is inactive")
    return found


def service_of(scheduler: Scheduler, request: AwsRequest, name: str) -> Service:
    """An active service of the request's cluster; raises AwsError."""
    found = any_service_of(scheduler, request, name)
    if found.status != "ACTIVE":
        raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
    return found


def any_service_of(scheduler: Scheduler, request: AwsRequest, name: str) -> Service:
    """A service of the request's cluster, possibly deleted; raises ServiceNotFoundException."""
    cluster = cluster_of(request)
    key = (request.account, request.region, cluster.name, name.rpartition("/")[2])
    found = scheduler.services.get(key)
    if found is None:
        raise AwsError("ServiceNotFoundException", "Service not found.")
    return found


def task_of(scheduler: Scheduler, request: AwsRequest, name: str) -> Task | None:
    """A task of the request's cluster by id or ARN."""
    cluster = cluster_of(request)
    task = scheduler.tasks.get(name.rpartition("/")[2])
    place = (request.account, request.region, cluster.name)
    if task is None or (task.account, task.region, task.cluster) != place:
        return None
    return task


def launch_type_of(cluster: Any, wish: Json, definition: Any) -> str:
    """The launch type that a wish leads to; raises AwsError if the definition has not got it."""
    strategy = wish.get("capacityProviderStrategy")
    if wish.get("launchType") and strategy:
        raise invalid("Specify either a launch type or a capacity provider strategy, not both.")
    if not wish.get("launchType"):
        strategy = strategy or cluster.default_capacity_provider_strategy or []
    providers = [str(each.get("capacityProvider")) for each in strategy or []]
    fargate = any(name in ("FARGATE", "FARGATE_SPOT") for name in providers)
    kind = "FARGATE" if fargate else str(wish.get("launchType") or "EC2")
    if kind not in ("EC2", "FARGATE", "EXTERNAL"):
        raise invalid("launch type should be one of [EC2,FARGATE,EXTERNAL]")
    if kind not in definition.compatibilities:
        raise invalid(f"Task definition does not support launch_type {kind}.")
    return kind


def page(request: AwsRequest, name: str, found: list[str], usual: int) -> Json:
    """A page of a list; nextToken is where the next one begins."""
    begin = int(request.text("nextToken") or 0)
    size = int(request.parameters.get("maxResults") or usual)
    answer: Json = {name: found[begin : begin + size]}
    if begin + size < len(found):
        answer["nextToken"] = str(begin + size)
    return answer
