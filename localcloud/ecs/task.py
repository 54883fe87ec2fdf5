"""Tasks and their containers, with the statuses that ECS gives them."""

import time
import uuid
from dataclasses import dataclass, field
from threading import Event
from typing import Any

Json = dict[str, Any]


@dataclass
class TaskContainer:
    """One container of a task; `definition` is its entry of the task definition."""

    definition: Json
    arn: str
    image: str
    source: str
    """The image with what a deployment has resolved its tag to."""
    runtime_id: str = ""
    digest: str = ""
    status: str = "PENDING"
    exit_code: int | None = None
    reason: str = ""
    health: str = "UNKNOWN"

    @property
    def name(self) -> str:
        """Its name in the task definition."""
        return str(self.definition["name"])

    @property
    def checked(self) -> bool:
        """Whether the task definition has a health check for it."""
        return bool(self.definition.get("healthCheck"))

    @property
    def essential(self) -> bool:
        """Whether the task ends with it."""
        return bool(self.definition.get("essential", True))


@dataclass
class Task:
    """One task. `stop_wish` is set by whoever wants it to end."""

    account: str
    region: str
    cluster: str
    definition: Any
    """moto's task definition."""
    group: str
    launch_type: str
    network: Json
    started_by: str = ""
    overrides: Json = field(default_factory=dict)
    tags: list[Json] = field(default_factory=list)
    deployment: str = ""
    """The service deployment it belongs to, empty for a task of RunTask."""
    images: dict[str, str] = field(default_factory=dict)
    """References that the deployment has resolved already, by container name."""
    execute: bool = False
    capacity: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    containers: list[TaskContainer] = field(default_factory=list)
    last_status: str = "PROVISIONING"
    desired_status: str = "RUNNING"
    stop_code: str = ""
    stopped_reason: str = ""
    address: str = ""
    eni: Any = None
    created: float = field(default_factory=time.time)
    times: dict[str, float] = field(default_factory=dict)
    """By the names that DescribeTasks has for them, such as startedAt."""
    changed: Event = field(default_factory=Event)
    steady: bool = False
    """Whether it has counted as a successful start of its deployment."""
    judged: bool = False
    """Whether its end has been taken into account by its deployment."""
    version: int = 1

    def __post_init__(self) -> None:
        prefix = f"arn:aws:ecs:{self.region}:{self.account}:container/{self.cluster}/{self.id}"
        for entry in self.definition.container_definitions:
            image, arn = str(entry["image"]), f"{prefix}/{uuid.uuid4()}"
            source = self.images.get(str(entry["name"]), image)
            made = TaskContainer(definition=entry, arn=arn, image=image, source=source)
            self.containers.append(made)

    @property
    def arn(self) -> str:
        """arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID."""
        return f"arn:aws:ecs:{self.region}:{self.account}:task/{self.cluster}/{self.id}"

    @property
    def cluster_arn(self) -> str:
        """The cluster's ARN."""
        return f"arn:aws:ecs:{self.region}:{self.account}:cluster/{self.cluster}"

    @property
    def ended(self) -> bool:
        """Whether it is STOPPED."""
        return self.last_status == "STOPPED"

    @property
    def leaving(self) -> bool:
        """Whether it stops or has stopped."""
        return self.desired_status == "STOPPED"

    @property
    def health(self) -> str:
        """HEALTHY, UNHEALTHY or UNKNOWN: of the essential containers that have a check."""
        found = [each.health for each in self.containers if each.checked and each.essential]
        if not found or self.ended:
            return "UNKNOWN"
        if "UNHEALTHY" in found:
            return "UNHEALTHY"
        return "UNKNOWN" if "UNKNOWN" in found else "HEALTHY"

    @property
    def checked(self) -> bool:
        """Whether any of its essential containers has a health check."""
        return any(each.checked and each.essential for each in self.containers)

    def at(self, status: str) -> None:
        """Takes a new last status."""
        self.last_status = status
        self.version += 1

    def mark(self, name: str) -> None:
        """Notes the time of now under a name of DescribeTasks, the first time."""
        self.times.setdefault(name, time.time())

    def ask_to_stop(self, code: str, reason: str) -> None:
        """Wants the task to end; the first reason stays."""
        if not self.leaving:
            self.desired_status, self.stop_code, self.stopped_reason = "STOPPED", code, reason
            self.mark("stoppingAt")
            self.version += 1
        self.changed.set()
