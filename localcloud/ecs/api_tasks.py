"""RunTask, StopTask, DescribeTasks, ListTasks, and what ECS refuses of task definitions."""

import dataclasses
from typing import Any

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.ecs.answers import task_answer
from localcloud.ecs.definitions import check_definition
from localcloud.ecs.lookup import (
    EC2_ONLY,
    any_service_of,
    cluster_of,
    definition_of,
    launch_type_of,
    page,
    task_of,
)
from localcloud.ecs.network import check_network, invalid
from localcloud.ecs.scheduler import Scheduler
from localcloud.ecs.task import Json, Task
from localcloud.gateway import Handler

MOST_AT_ONCE = 10


class TaskApi:
    """The handlers for the gateway."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """(service, action) to function."""
        table: dict[str, Handler] = {
            "RegisterTaskDefinition": check_definition,
            "RunTask": self.run_task,
            "StartTask": self.start_task,
            "StopTask": self.stop_task,
            "DescribeTasks": self.describe_tasks,
            "ListTasks": self.list_tasks,
        }
        return {("ecs", action): handler for action, handler in table.items()}

    def run_task(self, request: AwsRequest) -> Json:
        """Starts tasks that no service keeps."""
        cluster = cluster_of(request)
        wish = request.parameters
        definition = definition_of(request, request.text("taskDefinition") or "")
        kind = launch_type_of(cluster, wish, definition)
        given = wish.get("networkConfiguration")
        network = check_network(request.account, request.region, definition, given)
        count = int(wish.get("count") or 1)
        if not 1 <= count <= MOST_AT_ONCE:
            raise invalid(f"count must be between 1 and {MOST_AT_ONCE}: {count}")
        if kind != "FARGATE":
            raise invalid(EC2_ONLY)
        overrides = wish.get("overrides") or {}
        check_overrides(definition, overrides)
        task = Task(
            account=request.account,
            region=request.region,
            cluster=cluster.name,
            definition=definition,
            group=request.text("group") or f"family:{definition.family}",
            launch_type=kind,
            network=network,
            started_by=request.text("startedBy") or "",
            overrides=overrides,
            tags=request.items("tags"),
            execute=bool(wish.get("enableExecuteCommand")),
        )
        tasks = [task, *(again(task) for _ in range(count - 1))]
        made = [task_answer(self._scheduler.launch(each, []), tags=True) for each in tasks]
        return {"tasks": made, "failures": []}

    def start_task(self, request: AwsRequest) -> Json:
        """Refused: there are no container instances here."""
        cluster_of(request)
        raise invalid(EC2_ONLY)

    def stop_task(self, request: AwsRequest) -> Json:
        """Ends a task; a service starts another one in its place."""
        task = task_of(self._scheduler, request, request.text("task") or "")
        if task is None:
            raise invalid("The referenced task was not found.")
        if not task.leaving:
            reason = request.text("reason") or "Task stopped by user"
            task.ask_to_stop("UserInitiated", reason)
            self._scheduler.wake()
        return {"task": task_answer(task)}

    def describe_tasks(self, request: AwsRequest) -> Json:
        """The asked tasks; an unknown one is a failure in the answer."""
        cluster = cluster_of(request)
        tags = "TAGS" in request.items("include")
        asked = request.items("tasks")
        if not asked:
            raise invalid("Tasks cannot be empty.")
        tasks, failures = [], []
        for name in map(str, asked):
            found = task_of(self._scheduler, request, name)
            if found is not None:
                tasks.append(task_answer(found, tags=tags))
                continue
            prefix = f"arn:aws:ecs:{request.region}:{request.account}:task/{cluster.name}/"
            arn = name if name.startswith("arn:") else prefix + name
            failures.append({"arn": arn, "reason": "MISSING"})
        return {"tasks": tasks, "failures": failures}

    def list_tasks(self, request: AwsRequest) -> Json:
        """ARNs of the cluster's tasks: running ones, unless stopped ones are asked for."""
        cluster = cluster_of(request)
        wanted: dict[str, Any] = {"desired_status": request.text("desiredStatus") or "RUNNING"}
        name = request.text("serviceName")
        if name:
            wanted["group"] = f"service:{any_service_of(self._scheduler, request, name).name}"
        for parameter, field in (("startedBy", "started_by"), ("launchType", "launch_type")):
            if request.text(parameter):
                wanted[field] = request.text(parameter)
        tasks = self._scheduler.tasks_of(request.account, request.region, cluster.name)
        family = request.text("family")
        found = [
            task.arn
            for task in tasks
            if all(getattr(task, field) == value for field, value in wanted.items())
            and family in (None, task.definition.family)
        ]
        return page(request, "taskArns", sorted(found), 100)


def again(task: Task) -> Task:
    """Another task of the same kind."""
    own = {"id", "containers", "times", "changed", "created"}
    fields = [each.name for each in dataclasses.fields(task) if each.name not in own]
    return Task(**{name: getattr(task, name) for name in fields})


def check_overrides(definition: Any, overrides: Json) -> None:
    """Raises AwsError for an override of a container that is not there."""
    names = [each["name"] for each in definition.container_definitions]
    for entry in overrides.get("containerOverrides") or []:
        if entry.get("name") not in names:
            name = entry.get("name")
            message = (
                f"Override for container named {name} is not a container in the TaskDefinition."
            )
            raise AwsError("InvalidParameterException", message)
