"""Services and their deployments."""

import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from localcloud.ecs.task import Json, Task

EVENTS = 100
LEAST_FAILURES, MOST_FAILURES = 3, 200


def deployment_id() -> str:
    """An id such as ecs-svc/1234567890123456789."""
    return f"ecs-svc/{random.randint(10**18, 10**19 - 1)}"  # noqa: S311


@dataclass
class Deployment:
    """A task definition on its way to run as a service's tasks."""

    definition: Any
    """moto's task definition."""
    network: Json
    desired: int
    launch_type: str
    images: dict[str, str] = field(default_factory=dict)
    """Digest references by container name, resolved once."""
    id: str = field(default_factory=deployment_id)
    status: str = "PRIMARY"
    rollout: str = "IN_PROGRESS"
    reason: str = ""
    failed: int = 0
    succeeded: bool = False
    """Whether a task of it has run well: failures are not counted from then on."""
    completed_once: bool = False
    tasks: list[Task] = field(default_factory=list)
    created: float = field(default_factory=time.time)
    updated: float = field(default_factory=time.time)
    wait_until: float = 0
    """No task is launched before, after a launch that failed."""

    def __post_init__(self) -> None:
        self.reason = self.reason or f"ECS deployment {self.id} in progress."

    def move(self, rollout: str, reason: str) -> None:
        """Takes a new rollout state."""
        self.rollout, self.reason, self.updated = rollout, reason, time.time()

    @property
    def present(self) -> list[Task]:
        """Tasks that neither stop nor have stopped."""
        return [task for task in self.tasks if not task.leaving]

    @property
    def left(self) -> list[Task]:
        """Tasks that have not stopped yet."""
        return [task for task in self.tasks if not task.ended]

    def running(self) -> int:
        """Tasks in RUNNING."""
        return sum(task.last_status == "RUNNING" for task in self.tasks)

    def pending(self) -> int:
        """Tasks before RUNNING."""
        early = ("PROVISIONING", "PENDING", "ACTIVATING")
        return sum(task.last_status in early and not task.leaving for task in self.tasks)


@dataclass
class Service:
    """A service: what its caller wants (`wish`, the fields of CreateService) and what is so."""

    account: str
    region: str
    cluster: str
    name: str
    wish: Json
    definition: Any
    deployments: list[Deployment] = field(default_factory=list)
    """The PRIMARY one first."""
    status: str = "ACTIVE"
    events: list[Json] = field(default_factory=list)
    tags: list[Json] = field(default_factory=list)
    created: float = field(default_factory=time.time)
    steady: bool = False
    """Whether the last event of its kind said that it has reached a steady state."""

    @property
    def arn(self) -> str:
        """arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME."""
        return f"arn:aws:ecs:{self.region}:{self.account}:service/{self.cluster}/{self.name}"

    @property
    def desired(self) -> int:
        """How many tasks it wants; none once it is being deleted."""
        return int(self.wish.get("desiredCount") or 0) if self.status == "ACTIVE" else 0

    @property
    def primary(self) -> Deployment:
        """The deployment that is wanted."""
        return self.deployments[0]

    @property
    def configuration(self) -> Json:
        """The deployment configuration with AWS's defaults: 100 and 200 percent, no breaker."""
        given = self.wish.get("deploymentConfiguration") or {}
        breaker = given.get("deploymentCircuitBreaker") or {"enable": False, "rollback": False}
        usual = {"maximumPercent": 200, "minimumHealthyPercent": 100, "strategy": "ROLLING"}
        return {**usual, **given, "deploymentCircuitBreaker": breaker}

    @property
    def most(self) -> int:
        """Tasks that may be RUNNING or on their way there at once: rounded down."""
        return self.desired * int(self.configuration["maximumPercent"]) // 100

    @property
    def fewest(self) -> int:
        """Tasks that must stay healthy during a deployment: rounded up."""
        return -(-self.desired * int(self.configuration["minimumHealthyPercent"]) // 100)

    @property
    def threshold(self) -> int:
        """Failed tasks that fail a deployment: half of the desired count, at least 3, at most 200
        (ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures")."""
        return min(max(LEAST_FAILURES, -(-self.desired // 2)), MOST_FAILURES)

    def say(self, words: str) -> None:
        """Adds an event in front, as ECS words it."""
        event = {"id": str(uuid.uuid4()), "createdAt": time.time()}
        self.events.insert(0, {**event, "message": f"(service {self.name}) {words}"})
        del self.events[EVENTS:]
