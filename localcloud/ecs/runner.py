"""The life of a task: from PROVISIONING to STOPPED, one thread for each."""

import logging
import shutil
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from localcloud.containers.engine import StartError
from localcloud.containers.namespace import ECS_PORT, Namespace
from localcloud.ecs import network, preparation
from localcloud.ecs.container_wish import container_wish, environment, stop_seconds
from localcloud.ecs.dependencies import fulfilled, in_order
from localcloud.ecs.metadata import TaskEndpoint
from localcloud.ecs.observation import observe
from localcloud.ecs.parts import Parts
from localcloud.ecs.preparation import StartFailureError
from localcloud.ecs.pulling import pull
from localcloud.ecs.task import Json, Task, TaskContainer

LOG = logging.getLogger("localcloud.ecs")
LOOK_SECONDS = 5.0
"""How often a task looks at its containers if the engine tells nothing."""


class StoppedError(Exception):
    """The task is to end before it has started."""


class TaskRun:
    """One task with what it holds open. `balancers` are its service's."""

    def __init__(self, parts: Parts, task: Task, balancers: list[Json]) -> None:
        self._parts, self._task, self._balancers = parts, task, balancers
        self._namespace: Namespace | None = None
        self._endpoint: TaskEndpoint | None = None
        self._logs: list[threading.Thread] = []
        self._folder = parts.place.sockets / f"task-{task.id[:12]}"

    def start(self) -> None:
        """Lives the task in a thread of its own."""
        name = f"task-{self._task.id[:12]}"
        threading.Thread(target=self._live, daemon=True, name=name).start()

    def _live(self) -> None:
        task = self._task
        try:
            self._begin()
            self._watch()
        except StoppedError:
            pass
        except (StartFailureError, StartError) as failure:
            task.ask_to_stop("TaskFailedToStart", str(failure))
        except Exception as error:
            LOG.exception("task %s", task.id)
            task.ask_to_stop("TaskFailedToStart", f"local cloud: {error}")
        self._end()

    def _at(self, status: str) -> None:
        if self._task.leaving:
            raise StoppedError
        self._task.at(status)
        self._parts.told()

    def _begin(self) -> None:
        task = self._task
        executor, role = preparation.execution_role(task), preparation.task_role(task)
        secrets = {c.name: preparation.secrets(task, c, executor) for c in task.containers}
        streams = {c.name: preparation.log_stream(task, c, executor) for c in task.containers}
        self._at("PENDING")
        task.mark("pullStartedAt")
        pulled = {c.name: pull(self._parts.images, task, c, executor) for c in task.containers}
        task.mark("pullStoppedAt")
        self._at("ACTIVATING")
        namespace = self._open(role)
        for container in in_order(task.containers):
            self._await_dependencies(container)
            given = secrets[container.name]
            words = environment(task, container, self._parts.api_port, given, role is not None)
            volumes = self._folder / "volumes"
            image = pulled[container.name]
            wish = container_wish(task, container, image, namespace, words, volumes)
            self._run(container, wish, streams[container.name])
        task.mark("connectivityAt")
        network.register(task, self._balancers)
        task.mark("startedAt")
        self._at("RUNNING")

    def _open(self, role: Any) -> Namespace:
        task, parts = self._task, self._parts
        self._folder.mkdir(parents=True, exist_ok=True)
        self._endpoint = TaskEndpoint(task, role, parts.sessions)
        self._endpoint.open(parts.loop, self._folder / "ecs.sock")
        ways = {
            f"127.0.0.1:{ECS_PORT}": self._folder / "ecs.sock",
            f"127.0.0.1:{parts.api_port}": parts.place.shared_sockets / "api.sock",
        }
        name = f"{task.id[:12]}-pause"
        self._namespace = parts.namespaces.open(name, task.id, ways, ecs=True)
        task.address = self._namespace.address
        task.eni = network.attach(task)
        return self._namespace

    def _run(self, container: TaskContainer, wish: Any, stream: Any) -> None:
        if self._task.leaving:
            raise StoppedError
        containers = self._parts.containers
        try:
            container.runtime_id = containers.run(wish)
        except StartError as error:
            container.reason = f"CannotStartContainerError: {error}"
            raise StartFailureError(container.reason) from None
        container.status = "RUNNING"
        if stream is not None:
            self._logs.append(stream.follow(containers.output(container.runtime_id)))

    def _await_dependencies(self, container: TaskContainer) -> None:
        for entry in container.definition.get("dependsOn") or []:
            other = next(c for c in self._task.containers if c.name == entry["containerName"])
            while not fulfilled(other, str(entry["condition"])):
                if self._task.leaving:
                    raise StoppedError
                self._task.changed.wait(0.5)
                self._task.changed.clear()
                self._look()

    def _watch(self) -> None:
        while not self._task.leaving:
            self._look()
            if not self._task.leaving:
                self._task.changed.wait(LOOK_SECONDS)
                self._task.changed.clear()

    def _look(self) -> None:
        """Takes over what became of the containers; an essential one's end ends the task."""
        task = self._task
        before = (task.health, [each.status for each in task.containers])
        for container in task.containers:
            if container.status == "RUNNING":
                observe(self._parts.containers, container)
        if before != (task.health, [each.status for each in task.containers]):
            task.version += 1
            self._parts.told()
        if any(c.status == "STOPPED" and c.essential for c in task.containers):
            task.ask_to_stop("EssentialContainerExited", "Essential container in task exited")

    def _end(self) -> None:
        task, parts = self._task, self._parts
        task.at("DEACTIVATING")
        parts.told()
        steps: Iterable[Callable[[], object]] = (
            lambda: network.deregister(task, self._balancers),
            self._stop_containers,
            self._close,
        )
        for step in steps:
            try:
                step()
            except Exception:
                LOG.exception("end of task %s", task.id)
        task.mark("stoppedAt")
        task.at("STOPPED")
        parts.told()

    def _stop_containers(self) -> None:
        task, containers = self._task, self._parts.containers
        task.at("STOPPING")
        begun = [each for each in task.containers if each.runtime_id]
        with ThreadPoolExecutor(max(1, len(begun))) as pool:
            list(pool.map(lambda c: containers.stop(c.runtime_id, stop_seconds(c)), begun))
        task.mark("executionStoppedAt")
        for each in begun:
            if each.status != "STOPPED":
                observe(containers, each)
        for log in self._logs:
            log.join(5)
        for each in task.containers:
            each.status = "STOPPED"
            if each.runtime_id:
                containers.remove(each.runtime_id)

    def _close(self) -> None:
        task, parts = self._task, self._parts
        task.at("DEPROVISIONING")
        if self._namespace is not None:
            parts.namespaces.close(self._namespace)
        if task.eni is not None:
            network.detach(task)
        if self._endpoint is not None:
            self._endpoint.close(parts.loop)
        shutil.rmtree(self._folder, ignore_errors=True)
