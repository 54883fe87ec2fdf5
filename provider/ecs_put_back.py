"""What a service of ECS ran before, and how it gets that back."""

from __future__ import annotations

import time
from dataclasses import dataclass

from clients import ClientError, ecs
from clients.ecs import EcsService, revision
from provider.ecs_judge import SETTLED, digests
from provider.ecs_watch import Place, watch
from provider.resource import Call, Old
from provider.verdict import Verdict


@dataclass(frozen=True, kw_only=True)
class Former:
    """What ran before a rollout."""

    task_definition: str
    count: int
    """0: nothing ran."""


def former_of(service: EcsService, task_definition: str, old: Old | None) -> Former:
    """What to put back: the task definition of the last deployment that was completed.

    A service that never ran anything else is put back to a count of 0.
    """
    if service.desired == 0:
        return Former(task_definition=service.task_definition, count=0)
    others = [d for d in service.deployments if d.task_definition != task_definition]
    known = str(old.outputs.get("deployed_definition") or "") if old else ""
    completed = [each.task_definition for each in others if each.state in SETTLED]
    if service.task_definition == task_definition and is_settled(service):
        return Former(task_definition=task_definition, count=service.desired)
    candidates = [*completed, known, *(each.task_definition for each in others)]
    best = next((each for each in candidates if each and each != task_definition), None)
    if best is None:
        return Former(task_definition=task_definition, count=0)
    return Former(task_definition=best, count=service.desired)


def is_settled(service: EcsService) -> bool:
    """Whether its newest deployment is completed and the only one."""
    primary = service.primary
    alone = len(service.deployments) == 1
    return alone and primary is not None and primary.state in SETTLED


def put_back(call: Call, place: Place, former: Former, repository: str, limit: float) -> Verdict:
    """Give the service back what ran before, and wait at most `limit` seconds until it runs.

    A cancelled run does not stop this. Raises ClientError where it could not be put back.
    """
    name = revision(former.task_definition)
    call.info(f"{place.ecs_service}: putting back {name}, {former.count} tasks")
    now = ecs.service(place.access, place.cluster, place.ecs_service)
    if now is None:
        raise ClientError(f"there is no ECS service {place.ecs_service} to put {name} back")
    deployment = None
    if (now.task_definition, now.desired) != (former.task_definition, former.count):
        begun = ecs.update(
            place.access,
            place.cluster,
            place.ecs_service,
            task_definition=former.task_definition,
            desired=former.count,
        )
        deployment = begun.primary.id if begun.primary else None
    watched = watch(
        call,
        place,
        former.task_definition,
        deadline=time.monotonic() + limit,
        deployment=deployment,
        stoppable=False,
    )
    if watched.judged.state != "steady":
        raise ClientError(f"{name} could not be put back: {watched.judged.why}")
    if former.count == 0:
        return Verdict(outcome="absent", why="nothing ran before: its desired count is now 0")
    running = sorted(filter(None, digests(watched.look, repository).values()))
    return Verdict(outcome="put-back", digest=running[0] if running else None, label=name)
