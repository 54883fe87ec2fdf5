"""Whether a service of ECS has become what was asked: pure, from one look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from clients.ecs import EcsDeployment, EcsService, revision
from clients.ecs_tasks import EcsTask
from provider.rollout import split_image

SETTLED = (None, "COMPLETED")


@dataclass(frozen=True, kw_only=True)
class Look:
    """A service and its tasks at one moment."""

    service: EcsService | None
    tasks: tuple[EcsTask, ...] = ()
    """Those that should run."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What one look says."""

    state: Literal["steady", "moving", "lost"]
    """lost: it will not become what was asked by waiting."""
    why: str = ""


def judge(look: Look, task_definition: str) -> Judged:
    """Steady is: one deployment, ours, all its tasks there, running, and none of them unhealthy.

    ECS rolls back by itself where its circuit breaker says so, and then reports COMPLETED for the
    deployment of before: that is lost.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    """
    service = look.service
    if service is None:
        return Judged(state="lost", why="the service is not there any more")
    primary = service.primary
    if primary is None:
        return Judged(state="moving", why="ECS shows no deployment yet")
    if primary.task_definition != task_definition:
        went = f"ECS went to {revision(primary.task_definition)} by itself"
        return Judged(state="lost", why=": ".join(filter(None, (went, primary.reason))))
    if primary.state == "FAILED":
        return Judged(state="lost", why=primary.reason or "ECS gave the deployment up")
    why = _not_yet(service, primary, look.tasks)
    return Judged(state="moving" if why else "steady", why=why)


def _not_yet(service: EcsService, primary: EcsDeployment, tasks: Sequence[EcsTask]) -> str:
    there = [each for each in tasks if each.task_definition == primary.task_definition]
    running = [each for each in there if each.status == "RUNNING"]
    unwell = [each for each in running if health(each) == "UNHEALTHY"]
    text = f"{len(running)} of {service.desired} tasks run"
    if unwell:
        return f"{text}, {len(unwell)} unhealthy"
    if len(running) != service.desired or primary.running != service.desired:
        return text + (f", {primary.failed} failed" if primary.failed else "")
    if len(tasks) != len(running) or service.running != service.desired:
        return f"{text}, and older or starting ones too"
    if len(service.deployments) > 1:
        return f"{text}, and older ones are being stopped"
    if primary.state not in SETTLED:
        checked = sum(health(each) == "HEALTHY" for each in running)
        return f"{text}, {checked} healthy; ECS has not completed the deployment"
    return ""


def health(task: EcsTask) -> str:
    """HEALTHY, UNHEALTHY, or UNKNOWN: no health check, or none has passed yet."""
    states = {task.health, *(each.health for each in task.containers)}
    return next((word for word in ("UNHEALTHY", "HEALTHY") if word in states), "UNKNOWN")


def digests(look: Look, repository: str) -> dict[str, str]:
    """The digest that each running task pulled, by task id; "" where ECS does not say it.

    Of a task with several containers those of that repository count.
    """
    found: dict[str, str] = {}
    for task in look.tasks:
        if task.status != "RUNNING":
            continue
        ours = [c for c in task.containers if split_image(c.image)[0] == repository]
        found[task.id] = next((c.digest or "" for c in ours or task.containers), "")
    return found
