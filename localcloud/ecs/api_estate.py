"""What moto answers of clusters and tags, made true for services and tasks that it has not got."""

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.ecs.lookup import cluster_of
from localcloud.ecs.scheduler import Scheduler
from localcloud.ecs.service import Service
from localcloud.ecs.task import Json, Task
from localcloud.gateway import Handler


class EstateApi:
    """The handlers for the gateway."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """(service, action) to function."""
        table: dict[str, Handler] = {
            "DescribeClusters": self.count,
            "DeleteCluster": self.refuse_busy,
            "ListTagsForResource": self.list_tags,
            "TagResource": self.tag,
            "UntagResource": self.untag,
        }
        return {("ecs", action): handler for action, handler in table.items()}

    def count(self, request: AwsRequest) -> None:
        """Tells moto's clusters how much they run; moto answers."""
        for name in request.items("clusters") or ["default"]:
            parameters = {"cluster": str(name)}
            try:
                cluster = cluster_of(AwsRequest(**{**vars(request), "parameters": parameters}))
            except AwsError:
                continue
            place = (request.account, request.region, cluster.name)
            tasks = [task for task in self._scheduler.tasks_of(*place) if not task.ended]
            running = sum(task.last_status == "RUNNING" for task in tasks)
            cluster.running_tasks_count = running
            cluster.pending_tasks_count = sum(not task.leaving for task in tasks) - running
            active = [s for s in self._scheduler.of(*place) if s.status == "ACTIVE"]
            cluster.active_services_count = len(active)

    def refuse_busy(self, request: AwsRequest) -> None:
        """Refuses to delete a cluster with services or tasks; moto deletes it otherwise."""
        cluster = cluster_of(request)
        place = (request.account, request.region, cluster.name)
        if any(service.status == "ACTIVE" for service in self._scheduler.of(*place)):
            message = "The Cluster cannot be deleted while Services are active."
            raise AwsError("ClusterContainsServicesException", message)
        if any(not task.ended for task in self._scheduler.tasks_of(*place)):
            message = "The Cluster cannot be deleted while Tasks are active."
            raise AwsError("ClusterContainsTasksException", message)

    def list_tags(self, request: AwsRequest) -> Json | None:
        """The tags of a service or task."""
        found = self._of(request)
        return None if found is None else {"tags": found.tags}

    def tag(self, request: AwsRequest) -> Json | None:
        """Adds tags to a service or task."""
        found = self._of(request)
        if found is None:
            return None
        new = request.items("tags")
        keys = {each["key"] for each in new}
        found.tags = [each for each in found.tags if each["key"] not in keys] + new
        return {}

    def untag(self, request: AwsRequest) -> Json | None:
        """Takes tags off a service or task."""
        found = self._of(request)
        if found is None:
            return None
        gone = request.items("tagKeys")
        found.tags = [each for each in found.tags if each["key"] not in gone]
        return {}

    def _of(self, request: AwsRequest) -> Service | Task | None:
        arn = request.text("resourceArn") or ""
        every: list[Service | Task] = [*self._scheduler.services.values()]
        every += self._scheduler.tasks.values()
        mine = [each for each in every if each.account == request.account]
        return next((each for each in mine if each.arn == arn), None)
