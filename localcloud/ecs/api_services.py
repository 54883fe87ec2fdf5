"""CreateService, UpdateService, DeleteService, DescribeServices, ListServices."""

from typing import Any

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.ecs.answers import service_answer
from localcloud.ecs.lookup import cluster_of, definition_of, launch_type_of, page, service_of
from localcloud.ecs.network import check_balancers, check_network, invalid
from localcloud.ecs.scheduler import Scheduler
from localcloud.ecs.service import Deployment, Service
from localcloud.ecs.task import Json
from localcloud.gateway import Handler

MOST_DESCRIBED = 10
NEW_DEPLOYMENT = (
    "networkConfiguration",
    "platformVersion",
    "capacityProviderStrategy",
    "loadBalancers",
    "serviceRegistries",
)
CHANGEABLE = (
    *NEW_DEPLOYMENT,
    "desiredCount",
    "deploymentConfiguration",
    "healthCheckGracePeriodSeconds",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
    "availabilityZoneRebalancing",
)


class ServiceApi:
    """The handlers for the gateway."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """(service, action) to function."""
        table: dict[str, Handler] = {
            "CreateService": self.create_service,
            "UpdateService": self.update_service,
            "DeleteService": self.delete_service,
            "DescribeServices": self.describe_services,
            "ListServices": self.list_services,
        }
        return {("ecs", action): handler for action, handler in table.items()}

    def create_service(self, request: AwsRequest) -> Json:
        """A new service; its tasks start in the background."""
        cluster, wish = cluster_of(request), dict(request.parameters)
        name = request.text("serviceName") or ""
        if not name:
            raise invalid("ServiceName cannot be null or empty.")
        key = (request.account, request.region, cluster.name, name)
        old = self._scheduler.services.get(key)
        if old is not None and old.status == "DRAINING":
            raise invalid("Unable to Start a service that is still Draining.")
        if old is not None and old.status == "ACTIVE":
            raise invalid("Creation of service was not idempotent.")
        refuse_kinds(wish)
        definition = definition_of(request, request.text("taskDefinition") or "")
        make = self._deployment(request, cluster, wish, definition)
        service = Service(
            account=request.account,
            region=request.region,
            cluster=cluster.name,
            name=name,
            wish=wish,
            definition=definition,
            tags=request.items("tags"),
        )
        # Only a service with a deployment may be seen by the scheduler.
        self._scheduler.deploy(service, lambda: make)
        self._scheduler.services[key] = service
        self._scheduler.wake()
        return {"service": service_answer(service, tags=True)}

    def update_service(self, request: AwsRequest) -> Json:
        """Changes a service; another task definition or network makes a new deployment."""
        service = service_of(self._scheduler, request, request.text("service") or "")
        given = {k: v for k, v in request.parameters.items() if k in CHANGEABLE and v is not None}
        wish = {**service.wish, **given}
        if given.get("capacityProviderStrategy"):
            wish.pop("launchType", None)
        refuse_kinds(wish)
        asked = request.text("taskDefinition")
        definition = definition_of(request, asked) if asked else service.definition
        new = definition is not service.definition
        new = new or bool(request.parameters.get("forceNewDeployment"))
        new = new or any(
            given.get(k, service.wish.get(k)) != service.wish.get(k) for k in NEW_DEPLOYMENT
        )
        made = self._deployment(request, cluster_of(request), wish, definition) if new else None
        with self._scheduler.lock:
            service.wish = wish
            service.primary.desired = service.desired
            if made is not None:
                self._scheduler.deploy(service, lambda: made)
        self._scheduler.wake()
        return {"service": service_answer(service)}

    def delete_service(self, request: AwsRequest) -> Json:
        """Drains a service; its tasks end in the background."""
        service = service_of(self._scheduler, request, request.text("service") or "")
        if service.desired > 0 and not request.parameters.get("force"):
            raise invalid("The service cannot be stopped while it is scaled above 0.")
        with self._scheduler.lock:
            service.status = "DRAINING"
        self._scheduler.wake()
        return {"service": service_answer(service)}

    def describe_services(self, request: AwsRequest) -> Json:
        """The asked services, deleted ones too; an unknown one is a failure in the answer."""
        cluster, asked = cluster_of(request), request.items("services")
        if not asked:
            raise invalid("Services cannot be empty.")
        if len(asked) > MOST_DESCRIBED:
            raise invalid(f"Members of the list must not exceed {MOST_DESCRIBED}: services")
        tags = "TAGS" in request.items("include")
        found, failures = [], []
        for name in (str(each).rpartition("/")[2] for each in asked):
            key = (request.account, request.region, cluster.name, name)
            service = self._scheduler.services.get(key)
            if service is None:
                prefix = f"arn:aws:ecs:{request.region}:{request.account}:service/{cluster.name}/"
                failures.append({"arn": prefix + name, "reason": "MISSING"})
                continue
            with self._scheduler.lock:
                found.append(service_answer(service, tags=tags))
        return {"services": found, "failures": failures}

    def list_services(self, request: AwsRequest) -> Json:
        """ARNs of the cluster's services that are not deleted."""
        cluster = cluster_of(request)
        found = self._scheduler.of(request.account, request.region, cluster.name)
        arns = sorted(each.arn for each in found if each.status != "INACTIVE")
        return page(request, "serviceArns", arns, MOST_DESCRIBED)

    def _deployment(
        self, request: AwsRequest, cluster: Any, wish: Json, definition: Any
    ) -> Deployment:
        """A deployment, checked as ECS checks it; raises AwsError."""
        kind = launch_type_of(cluster, wish, definition)
        network = check_network(
            request.account, request.region, definition, wish.get("networkConfiguration")
        )
        balancers = wish.get("loadBalancers") or []
        check_balancers(request.account, request.region, definition, balancers)
        return Deployment(
            definition=definition,
            network=network,
            desired=int(wish.get("desiredCount") or 0),
            launch_type=kind,
        )


def refuse_kinds(wish: Json) -> None:
    """Raises AwsError for kinds of services that the local cloud does not keep."""
    controller = (wish.get("deploymentController") or {}).get("type", "ECS")
    strategy = (wish.get("deploymentConfiguration") or {}).get("strategy", "ROLLING")
    if controller != "ECS" or strategy != "ROLLING":
        message = f"the local cloud knows rolling updates only, not {controller} {strategy}"
        raise AwsError("UnsupportedFeatureException", message)
    if (wish.get("schedulingStrategy") or "REPLICA") != "REPLICA":
        raise invalid("Daemon services are not supported on Fargate.")
    if int(wish.get("desiredCount") or 0) < 0:
        raise invalid("Desired count cannot be negative.")
