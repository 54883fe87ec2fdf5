"""Amazon ECS as boto3 shows it: one service, whose tasks behave as their image was told to.

Every DescribeServices moves the world one step on. The rules are those of the Developer Guide,
"Deploy Amazon ECS services by replacing tasks" and "deployment circuit breaker".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/main"
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}}


def definition(number: int) -> str:
    """The ARN of a revision."""
    return f"arn:aws:ecs:eu-west-1:123456789012:task-definition/backend:{number}"


@dataclass
class Rollout:
    """A deployment."""

    id: str
    definition: str
    state: str = "IN_PROGRESS"
    reason: str = ""
    failed: int = 0
    tasks: list[dict[str, Any]] = field(default_factory=list)


class FakeEcs:
    """The clients `ecs` and `logs`."""

    def __init__(self, repository: str) -> None:
        self.repository = repository
        self.behaviour: dict[str, str] = {}
        """By definition: good, dies, unhealthy, starting or slow; a one-off task ends with its
        number."""
        self.digests: dict[str, str] = {}
        """By definition: what its tasks pull."""
        self.breaker = False
        self.checked = False
        """Whether the definitions have a health check."""
        self.count = 0
        self.rollouts: list[Rollout] = []
        self.one_offs: list[dict[str, Any]] = []
        self.stopped: list[dict[str, Any]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refusals: dict[str, str] = {}
        """By call: an error code, or "lost" for an answer that does not arrive."""
        self.gone = False
        self.stale = 0
        """How many answers after an update still show what was before it."""
        self.lines = ["starts", "\x1b[31mno database\x1b[0m"]
        self.forced_by_others: str | None = None
        self._number = 0

    def runs(self, arn: str, count: int) -> None:
        """The service runs that already."""
        self.count = count
        self.rollouts = [Rollout(self._new("ecs-svc"), arn)]
        self._step()
        self.calls.clear()

    @property
    def writes(self) -> list[str]:
        """The calls that change something."""
        reads = ("describe", "list", "get")
        return [name for name, _ in self.calls if not name.startswith(reads)]

    def of(self, call: str) -> list[dict[str, Any]]:
        """The arguments of each call of that name."""
        return [words for name, words in self.calls if name == call]

    def describe_services(self, **words: Any) -> dict[str, Any]:
        self._begin("describe_services", words)
        if self.gone:
            return {"services": [], "failures": [{"reason": "MISSING"}]}
        before = self.rollouts
        if self.of("update_service") and self.stale > 0:
            self.stale -= 1
            self.rollouts = before[1:]
            shown = self._service()
            self.rollouts = before
            return {"services": [shown]}
        self._step()
        return {"services": [self._service()]}

    def update_service(self, **words: Any) -> dict[str, Any]:
        lost = self.refusals.get("update_service") == "lost"
        self._begin("update_service", words)
        self.count = words.get("desiredCount", self.count)
        if self.rollouts[0].definition != words["taskDefinition"] or words["forceNewDeployment"]:
            self.rollouts.insert(0, Rollout(self._new("ecs-svc"), words["taskDefinition"]))
        if lost:
            raise ReadTimeoutError(endpoint_url="https://ecs")
        return {"service": self._service()}

    def get_paginator(self, _: str) -> FakeEcs:
        return self

    def paginate(self, **words: Any) -> list[dict[str, Any]]:
        stopped = words["desiredStatus"] == "STOPPED"
        tasks = self.stopped if stopped else [t for r in self.rollouts for t in r.tasks]
        return [{"taskArns": [task["taskArn"] for task in tasks]}]

    def describe_tasks(self, **words: Any) -> dict[str, Any]:
        known = [*self.stopped, *self.one_offs, *(t for r in self.rollouts for t in r.tasks)]
        return {"tasks": [task for task in known if task["taskArn"] in words["tasks"]]}

    def describe_task_definition(self, **words: Any) -> dict[str, Any]:
        logs = {"awslogs-group": "/backend", "awslogs-stream-prefix": "ecs"}
        container: dict[str, Any] = {
            "name": "backend",
            "image": f"{self.repository}@{self.digests.get(words['taskDefinition'])}",
            "logConfiguration": {"logDriver": "awslogs", "options": logs},
        }
        if self.checked:
            container["healthCheck"] = {"command": ["CMD", "true"]}
        return {"taskDefinition": {"containerDefinitions": [container]}}

    def run_task(self, **words: Any) -> dict[str, Any]:
        self._begin("run_task", words)
        how = self.behaviour.get("once", "0")
        task = self._task(words["taskDefinition"], "slipway", "STOPPED" if how != "slow" else "")
        if how != "slow":
            task["containers"][0]["exitCode"] = int(how)
        self.one_offs.append(task)
        return {"tasks": [task]}

    def stop_task(self, **words: Any) -> None:
        self._begin("stop_task", words)

    def get_log_events(self, **words: Any) -> dict[str, Any]:
        return {"events": [{"message": line} for line in self.lines]}

    def _begin(self, name: str, words: dict[str, Any]) -> None:
        self.calls.append((name, words))
        code = self.refusals.get(name)
        if code and code != "lost":
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, name)

    def _step(self) -> None:
        if self.forced_by_others:
            self.rollouts.insert(0, Rollout(self._new("ecs-svc"), self.forced_by_others))
            self.forced_by_others = None
        primary = self.rollouts[0]
        how = self.behaviour.get(primary.definition, "good")
        primary.tasks = primary.tasks[: self.count]
        if len(primary.tasks) < self.count and primary.state != "FAILED":
            self._start(primary, how)
        good = [task for task in primary.tasks if task["lastStatus"] == "RUNNING"]
        if len(good) == self.count and (how == "good" or self.count == 0):
            primary.state, self.rollouts = "COMPLETED", [primary]
        if self.breaker and primary.failed >= 3 and primary.state == "IN_PROGRESS":
            self._break(primary)

    def _start(self, primary: Rollout, how: str) -> None:
        status = {"dies": "STOPPED", "slow": "PENDING"}.get(how, "RUNNING")
        task = self._task(primary.definition, primary.id, status)
        if how == "dies":
            task |= {"stoppedReason": "Essential container in task exited"}
            task |= {"stopCode": "EssentialContainerExited"}
            task["containers"][0]["exitCode"] = 3
            primary.failed += 1
            self.stopped.append(task)
            return
        unwell = {"unhealthy": "UNHEALTHY", "slow": "UNKNOWN", "starting": "UNKNOWN"}
        task["healthStatus"] = unwell.get(how, "HEALTHY")
        primary.tasks.append(task)

    def _break(self, primary: Rollout) -> None:
        primary.state = "FAILED"
        primary.reason = "ECS deployment circuit breaker: tasks failed to start."
        former = next((each for each in self.rollouts if each.state == "COMPLETED"), None)
        if former is not None:
            former.reason = "ECS deployment circuit breaker: rolling back."
            self.rollouts = [former]

    def _task(self, arn: str, started_by: str, status: str) -> dict[str, Any]:
        digest = self.digests.get(arn)
        container = {
            "name": "backend",
            "image": f"{self.repository}@{digest}",
            "imageDigest": digest,
            "lastStatus": status,
        }
        return {
            "taskArn": f"{CLUSTER.replace('cluster', 'task')}/{self._new('t')}",
            "taskDefinitionArn": arn,
            "startedBy": started_by,
            "lastStatus": status or "RUNNING",
            "containers": [container],
        }

    def _service(self) -> dict[str, Any]:
        return {
            "serviceArn": f"{CLUSTER}/backend",
            "serviceName": "backend",
            "clusterArn": CLUSTER,
            "status": "ACTIVE",
            "taskDefinition": self.rollouts[0].definition,
            "desiredCount": self.count,
            "runningCount": sum(len(_running(each)) for each in self.rollouts),
            "launchType": "FARGATE",
            "networkConfiguration": NETWORK,
            "deployments": [self._deployment(each) for each in self.rollouts],
            "events": [{"id": each["taskArn"], "message": "a task died"} for each in self.stopped],
        }

    def _deployment(self, each: Rollout) -> dict[str, Any]:
        return {
            "id": each.id,
            "status": "PRIMARY" if each is self.rollouts[0] else "ACTIVE",
            "taskDefinition": each.definition,
            "desiredCount": self.count,
            "runningCount": len(_running(each)),
            "failedTasks": each.failed,
            "rolloutState": each.state,
            "rolloutStateReason": each.reason,
        }

    def _new(self, kind: str) -> str:
        self._number += 1
        return f"{kind}/{self._number}" if kind == "ecs-svc" else f"{kind}{self._number}"


def _running(each: Rollout) -> list[dict[str, Any]]:
    return [task for task in each.tasks if task["lastStatus"] == "RUNNING"]
