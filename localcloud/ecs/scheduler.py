"""Keeps every service at its desired count of tasks, in steps that are each taken at once."""

import logging
import threading
import time
from collections.abc import Callable

from localcloud.counters import Counters
from localcloud.ecs import rollout
from localcloud.ecs.parts import Parts
from localcloud.ecs.runner import TaskRun
from localcloud.ecs.service import Deployment, Service
from localcloud.ecs.task import Json, Task

LOG = logging.getLogger("localcloud.ecs")
TICK_SECONDS = 0.5
KEPT_SECONDS = 3600
"""How long ECS shows a stopped task."""
Key = tuple[str, str, str, str]


class Scheduler:
    """All services and tasks of all accounts. `lock` guards both."""

    def __init__(self, parts: Parts, counters: Counters) -> None:
        self.parts, self._counters = parts, counters
        self.lock = threading.RLock()
        self.services: dict[Key, Service] = {}
        self.tasks: dict[str, Task] = {}
        self._waking = threading.Event()
        self._ended = False

    def start(self) -> None:
        """Begins to keep the services."""
        self.parts.containers.watch(self._tell)
        threading.Thread(target=self._work, daemon=True, name="ecs-scheduler").start()

    def stop(self) -> None:
        """Starts no more tasks."""
        self._ended = True

    def wake(self) -> None:
        """Something has changed."""
        self._waking.set()

    def launch(self, task: Task, balancers: list[Json]) -> Task:
        """Starts a task."""
        self._counters.add("ecs_tasks")
        with self.lock:
            self.tasks[task.id] = task
        TaskRun(self.parts, task, balancers).start()
        return task

    def deploy(self, service: Service, make: Callable[[], Deployment]) -> Deployment:
        """Makes a new primary deployment; tags are resolved to digests once, here."""
        made = make()
        for entry in made.definition.container_definitions:
            reference = str(entry["image"])
            if "@" not in reference:
                digest = self.parts.images.resolve(reference, service.region)
                if digest:
                    made.images[str(entry["name"])] = f"{reference}@{digest}"
        self._counters.add("ecs_deployments")
        with self.lock:
            for each in service.deployments:
                each.status = "ACTIVE"
            service.deployments.insert(0, made)
            service.definition, service.steady = made.definition, False
        self.wake()
        return made

    def of(self, account: str, region: str, cluster: str) -> list[Service]:
        """The services of a cluster."""
        with self.lock:
            found = [s for k, s in self.services.items() if k[:3] == (account, region, cluster)]
        return found

    def tasks_of(self, account: str, region: str, cluster: str) -> list[Task]:
        """The tasks of a cluster, those that have stopped within the hour too."""
        old = time.time() - KEPT_SECONDS
        with self.lock:
            for task in list(self.tasks.values()):
                if task.ended and task.times.get("stoppedAt", old) < old:
                    del self.tasks[task.id]
            place = (account, region, cluster)
            every = self.tasks.values()
            return [task for task in every if (task.account, task.region, task.cluster) == place]

    def _tell(self, owner: str) -> None:
        task = self.tasks.get(owner)
        if task is not None:
            task.changed.set()

    def _work(self) -> None:
        while not self._ended:
            self._waking.wait(TICK_SECONDS)
            self._waking.clear()
            with self.lock:
                for service in list(self.services.values()):
                    try:
                        self._keep(service)
                    except Exception:
                        LOG.exception("service %s", service.name)

    def _keep(self, service: Service) -> None:
        if service.status == "INACTIVE" or self._ended:
            return
        service.primary.desired = service.desired
        rollout.judge(service)
        rollout.break_circuit(service)
        rollout.drain(service)
        self._fill(service)
        rollout.settle(service)

    def _fill(self, service: Service) -> None:
        wanted = rollout.missing(service)
        if wanted and service.primary.launch_type != "FARGATE":
            unplaced(service)
            return
        if not wanted:
            return
        service.steady = False
        made = [self._task(service, service.primary) for _ in range(wanted)]
        service.primary.tasks += made
        balancers = service.wish.get("loadBalancers") or []
        for task in made:
            self.launch(task, balancers)
        names = " ".join(f"(task {task.id})" for task in made)
        service.say(f"has started {len(made)} tasks: {names}.")

    def _task(self, service: Service, deployment: Deployment) -> Task:
        propagate = service.wish.get("propagateTags")
        tags = service.tags if propagate == "SERVICE" else []
        return Task(
            account=service.account,
            region=service.region,
            cluster=service.cluster,
            definition=deployment.definition,
            group=f"service:{service.name}",
            launch_type=deployment.launch_type,
            network=deployment.network,
            started_by=deployment.id,
            deployment=deployment.id,
            images=deployment.images,
            tags=list(deployment.definition.tags if propagate == "TASK_DEFINITION" else tags),
            execute=bool(service.wish.get("enableExecuteCommand")),
        )


def unplaced(service: Service) -> None:
    """Says once that there are no container instances: only Fargate runs here."""
    words = (
        "was unable to place a task because no container instance met all of its requirements. "
        "Reason: No Container Instances were found in your cluster."
    )
    if not any(words in event["message"] for event in service.events):
        service.say(words)
