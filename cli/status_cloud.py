"""What ECS and Lambda run of a service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clients import ecs, ecs_tasks, lambda_, schedules, task_definitions
from clients.aws import AwsAccess
from clients.ecs import EcsService
from clients.ecs_tasks import EcsTask
from clients.lambda_ import Alias, Function
from infra.places import EcsPlace, LambdaPlace
from release.record_text import plain
from release.status import Seen

Children = Callable[[str], frozenset[str]]
"""The manifests of an index, by its digest; a registry is asked."""


@dataclass(frozen=True, kw_only=True)
class _Tasks:
    """The tasks of a service, and the digest that each of them runs."""

    all: list[EcsTask]
    digests: list[str]

    @property
    def health(self) -> str:
        """Of all of them; empty where nothing checks it."""
        states = {each.health for each in self.all}
        if "UNHEALTHY" in states:
            return "unhealthy"
        return "healthy" if states == {"HEALTHY"} else ""


def look_at_ecs(
    access: AwsAccess, place: EcsPlace, wanted: str | None, children: Children
) -> list[Seen]:
    """What a service of ECS runs. `wanted` is the record's digest. Raises ClientError."""
    if place.rule is not None:
        return [_scheduled(access, place, place.rule)]
    found = ecs.service(access, place.cluster, place.resource)
    where = f"{place.cluster}/{place.resource}"
    if found is None:
        return [_absent(place.name, "ecs", where, "ECS has no such service")]
    tasks = _tasks(access, place, found, wanted, children)
    primary = found.primary
    failed = primary is not None and primary.state == "FAILED"
    other = [each for each in tasks.digests if each != wanted]
    why = _why(found, tasks, failed, primary.reason if primary else "")
    return [
        Seen(
            service=place.name,
            target="ecs",
            where=where,
            state="running" if found.running else "stopped",
            well=not why,
            why=why,
            digest=other[0] if other else next(iter(tasks.digests), None),
            since=primary.created if primary else "",
            health=tasks.health,
            facts={
                "tasks": f"{found.running}/{found.desired}",
                "definition": ecs.revision(found.task_definition),
                "rollout": (primary.state if primary else None) or "-",
                "last event": plain(found.events[0].partition(" ")[2]) if found.events else "-",
            },
        )
    ]


def look_at_function(access: AwsAccess, place: LambdaPlace) -> list[Seen]:
    """What the alias of a function runs. Raises AwsError."""
    where = f"{place.function}:{place.alias}"
    alias = lambda_.alias(access, place.function, place.alias)
    found = lambda_.function(access, place.function, alias.version) if alias else None
    if alias is None or found is None:
        return [_absent(place.name, "lambda", where, "Lambda has no such alias")]
    why = _wrong(alias, found)
    return [
        Seen(
            service=place.name,
            target="lambda",
            where=where,
            state="running",
            well=not why,
            why=why,
            digest=found.digest,
            since=found.modified,
            facts={"alias version": alias.version, "state": found.state},
        )
    ]


def _tasks(
    access: AwsAccess, place: EcsPlace, found: EcsService, wanted: str | None, children: Children
) -> _Tasks:
    """By the digest that was asked for, where ECS reports a platform's manifest of an index."""
    tasks = ecs_tasks.of_service(access, place.cluster, place.resource, stopped=False)
    defined = _asked(access, found.task_definition)
    digests = [defined] if defined else []
    for task in tasks:
        for container in task.containers:
            asked = container.image.partition("@")[2]
            if container.digest and asked:
                digests.append(_named(container.digest, [asked, wanted], children))
    return _Tasks(all=tasks, digests=list(dict.fromkeys(digests)))


def _named(digest: str, asked: list[str | None], children: Children) -> str:
    known = [each for each in asked if each]
    if digest in known:
        return digest
    return next((each for each in known if digest in children(each)), digest)


def _asked(access: AwsAccess, task_definition: str) -> str | None:
    """The digest that a task definition asks for."""
    containers = task_definitions.containers(access, task_definition)
    images = (each.image.partition("@")[2] for each in containers)
    return next((each for each in images if each), None)


def _why(found: EcsService, tasks: _Tasks, failed: bool, reason: str) -> str:
    if failed:
        return f"its rollout failed: {plain(reason)}"
    if found.desired == 0:
        return "no task is wanted"
    if found.running < found.desired:
        return f"{found.running} of {found.desired} tasks run"
    return "a task is unhealthy" if tasks.health == "unhealthy" else ""


def _scheduled(access: AwsAccess, place: EcsPlace, rule: str) -> Seen:
    found = schedules.schedule(access, rule)
    if found is None or found.task_definition is None:
        return _absent(place.name, "ecs", rule, "EventBridge has no such rule with a task")
    return Seen(
        service=place.name,
        target="ecs",
        where=rule,
        state="scheduled",
        well=found.enabled,
        why="" if found.enabled else "its rule is disabled",
        digest=_asked(access, found.task_definition),
        facts={
            "schedule": plain(found.expression),
            "definition": ecs.revision(found.task_definition),
        },
    )


def _wrong(alias: Alias, found: Function) -> str:
    if found.state == "Failed":
        return f"its version {alias.version} is Failed: {plain(found.reason)}"
    if alias.shared:
        return f"some calls go to version {', '.join(sorted(alias.shared))} too"
    return ""


def _absent(service: str, target: str, where: str, why: str) -> Seen:
    return Seen(service=service, target=target, where=where, state="absent", well=False, why=why)
