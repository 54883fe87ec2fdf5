"""Tasks of Amazon ECS: which a service has, what became of them, and one that is run once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clients.aws import AwsAccess, AwsError, client, translated

_AT_ONCE = 100  # tasks in one DescribeTasks


@dataclass(frozen=True, kw_only=True)
class EcsContainer:
    """One container of a task."""

    name: str
    image: str
    digest: str | None
    """The digest that ECS pulled; for an index that of its platform's manifest, or the index's."""
    status: str
    health: str
    """HEALTHY, UNHEALTHY or UNKNOWN (no health check, or not yet known)."""
    exit_code: int | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class EcsTask:
    """One task."""

    arn: str
    task_definition: str
    started_by: str
    """The id of the deployment that started it."""
    status: str
    """PROVISIONING, PENDING, RUNNING, ... STOPPED."""
    health: str
    stopped: str
    """Why it stopped, in ECS's words; empty while it runs."""
    containers: tuple[EcsContainer, ...]

    @property
    def id(self) -> str:
        """The last part of its ARN."""
        return self.arn.rsplit("/", 1)[-1]


@dataclass(frozen=True, kw_only=True)
class OneOff:
    """A task that is run once."""

    cluster: str
    task_definition: str
    container: str
    """Whose command is replaced."""
    command: Sequence[str]
    network: Mapping[str, Any]
    """A networkConfiguration, as the service has one."""
    launch: Mapping[str, Any]
    """launchType or capacityProviderStrategy, platformVersion."""
    token: str
    """Makes a repeated request the same one, at most 64 characters."""


def of_service(access: AwsAccess, cluster: str, name: str, *, stopped: bool) -> list[EcsTask]:
    """The tasks of a service that should run, or those that stopped within the last hour."""
    wanted = "STOPPED" if stopped else "RUNNING"
    arns: list[str] = []
    with translated(f"listing the tasks of the ECS service {name}"):
        pages = client(access, "ecs").get_paginator("list_tasks")
        for page in pages.paginate(cluster=cluster, serviceName=name, desiredStatus=wanted):
            arns += page["taskArns"]
    return described(access, cluster, arns)


def described(access: AwsAccess, cluster: str, arns: Sequence[str]) -> list[EcsTask]:
    """The tasks as they are; those that ECS has forgotten are left out. Raises AwsError."""
    found: list[EcsTask] = []
    for start in range(0, len(arns), _AT_ONCE):
        some = list(arns[start : start + _AT_ONCE])
        with translated(f"reading {len(some)} ECS tasks of {cluster}"):
            answer = client(access, "ecs").describe_tasks(cluster=cluster, tasks=some)
        found += [_task(each) for each in answer["tasks"]]
    return found


def run(access: AwsAccess, wanted: OneOff) -> str:
    """Start the task; its ARN. Raises AwsError where ECS has no place for it."""
    network = {"networkConfiguration": dict(wanted.network)} if wanted.network else {}
    override = {"name": wanted.container, "command": list(wanted.command)}
    with translated(f"starting {wanted.task_definition} once"):
        answer = client(access, "ecs").run_task(
            cluster=wanted.cluster,
            taskDefinition=wanted.task_definition,
            count=1,
            startedBy="slipway",
            clientToken=wanted.token,
            overrides={"containerOverrides": [override]},
            **network,
            **dict(wanted.launch),
        )
    if not answer.get("tasks"):
        reasons = "; ".join(
            " ".join(str(each.get(key, "")) for key in ("reason", "detail")).strip()
            for each in answer.get("failures", [])
        )
        raise AwsError(f"starting {wanted.task_definition} once: {reasons or 'no reason given'}")
    return str(answer["tasks"][0]["taskArn"])


def stop(access: AwsAccess, cluster: str, arn: str, reason: str) -> None:
    """Ask ECS to stop a task. Raises AwsError."""
    with translated(f"stopping the ECS task {arn}"):
        client(access, "ecs").stop_task(cluster=cluster, task=arn, reason=reason[:255])


def _task(said: Mapping[str, Any]) -> EcsTask:
    code, why = said.get("stopCode"), str(said.get("stoppedReason") or "")
    return EcsTask(
        arn=str(said["taskArn"]),
        task_definition=str(said["taskDefinitionArn"]),
        started_by=str(said.get("startedBy") or ""),
        status=str(said.get("lastStatus") or ""),
        health=str(said.get("healthStatus") or "UNKNOWN"),
        stopped=f"{why} ({code})" if code and why else why or str(code or ""),
        containers=tuple(_container(each) for each in said.get("containers", [])),
    )


def _container(said: Mapping[str, Any]) -> EcsContainer:
    return EcsContainer(
        name=str(said["name"]),
        image=str(said.get("image") or ""),
        digest=said.get("imageDigest") or None,
        status=str(said.get("lastStatus") or ""),
        health=str(said.get("healthStatus") or "UNKNOWN"),
        exit_code=said.get("exitCode"),
        reason=str(said.get("reason") or ""),
    )
