"""The inputs of `EcsRollout`, checked and typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provider import rollout_inputs
from provider.resource import Properties
from provider.rollout import split_image
from provider.wire import is_known


@dataclass(frozen=True, kw_only=True)
class Before:
    """A task that is run once, and must succeed, before the service switches."""

    task_definition: str
    command: tuple[str, ...]
    network: Mapping[str, Any]
    """A networkConfiguration; empty: the service's own."""


@dataclass(frozen=True, kw_only=True)
class EcsInputs:
    """One rollout as its resource asks for it; every value is known."""

    service: str
    image: str
    digest: str
    release: str | None
    timeout: int
    policy: str
    cluster: str
    ecs_service: str
    task_definition: str
    count: int
    again: bool
    before: Before | None

    @property
    def repository(self) -> str:
        """Where the image is kept."""
        return split_image(self.image)[0]

    @staticmethod
    def of(values: Properties) -> EcsInputs:
        """From checked inputs."""
        names = ("service", "image", "digest", "cluster", "ecs_service", "task_definition")
        definition = str(values["task_definition"])
        return EcsInputs(
            **{name: str(values[name]) for name in names},
            release=values.get("release"),
            timeout=int(values.get("timeout", 300)),
            policy=str(values.get("policy", "independent")),
            count=int(values.get("count", 1)),
            again=bool(values.get("again", False)),
            before=_before(values["before"], definition) if values.get("before") else None,
        )


def check(values: Properties) -> dict[str, str]:
    """What is wrong with the inputs, by property; unknown values are not judged."""
    texts = ("cluster", "ecs_service", "task_definition")
    wrong = rollout_inputs.check(values, texts, "ECS runs")
    count = values.get("count", 1)
    if is_known(count) and not (type(count) is int and count >= 1):
        wrong["count"] = f"{count!r} is not a count of tasks; allowed: whole numbers, 1 or more"
    before = values.get("before")
    if before is not None and is_known(before):
        _check_before(before, wrong)
    return wrong


def _check_before(before: object, wrong: dict[str, str]) -> None:
    command = before.get("command") if isinstance(before, dict) else None
    if not _is_command(command):
        wrong["before"] = (
            f"{command!r} is not the command of a task before the rollout; allowed: a list of "
            "words, the first of them the program"
        )


def _is_command(command: object) -> bool:
    words = command if isinstance(command, list) else []
    return bool(words) and all(isinstance(word, str) for word in words)


def _before(values: Mapping[str, Any], definition: str) -> Before:
    return Before(
        task_definition=str(values.get("task_definition") or definition),
        command=tuple(values["command"]),
        network=_network(values.get("network") or {}),
    )


def _network(said: Mapping[str, Any]) -> Mapping[str, Any]:
    if not said:
        return {}
    public = "ENABLED" if said.get("assign_public_ip") else "DISABLED"
    place: dict[str, Sequence[str] | str] = {
        "subnets": list(said.get("subnets", [])),
        "securityGroups": list(said.get("security_groups", [])),
        "assignPublicIp": public,
    }
    return {"awsvpcConfiguration": place}
