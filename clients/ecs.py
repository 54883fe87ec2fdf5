"""Services of Amazon ECS: read one as it is, and give it another task definition or count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clients.aws import AwsAccess, AwsError, client, translated
from release.record_text import moment

_GONE = "INACTIVE"
_NO_CLUSTER = "ClusterNotFoundException"


@dataclass(frozen=True, kw_only=True)
class EcsDeployment:
    """One deployment of a service, as ECS lists it."""

    id: str
    """Such as ecs-svc/1234; the tasks that it started name it in `startedBy`."""
    primary: bool
    """Whether it is the newest; older ones are listed until their tasks are gone."""
    task_definition: str
    desired: int
    running: int
    pending: int
    failed: int
    """Tasks that failed to start or to become healthy."""
    state: str | None
    """COMPLETED, FAILED or IN_PROGRESS; None where ECS does not say it."""
    reason: str
    created: str = ""
    """When it began, RFC 3339."""


@dataclass(frozen=True, kw_only=True)
class EcsService:
    """A service as it is now."""

    arn: str
    name: str
    cluster: str
    task_definition: str
    """The one that new tasks are started from."""
    desired: int
    running: int
    pending: int
    deployments: tuple[EcsDeployment, ...]
    events: tuple[str, ...]
    """Messages, newest first, each with its id before it."""
    network: Mapping[str, Any] = field(default_factory=dict)
    """Its networkConfiguration."""
    launch: Mapping[str, Any] = field(default_factory=dict)
    """How its tasks are launched: launchType or capacityProviderStrategy, platformVersion."""
    takes_shells: bool = False
    """Whether ECS Exec is enabled for its new tasks."""

    @property
    def primary(self) -> EcsDeployment | None:
        """The newest deployment."""
        return next((each for each in self.deployments if each.primary), None)


def service(access: AwsAccess, cluster: str, name: str) -> EcsService | None:
    """The service, or None if there is none of that name or no such cluster. Raises AwsError."""
    try:
        with translated(f"reading the ECS service {name} of {cluster}"):
            answer = client(access, "ecs").describe_services(cluster=cluster, services=[name])
    except AwsError as error:
        if error.code == _NO_CLUSTER:
            return None
        raise
    found = [each for each in answer["services"] if each.get("status") != _GONE]
    return _service(found[0]) if found else None


def update(
    access: AwsAccess,
    cluster: str,
    name: str,
    *,
    task_definition: str,
    desired: int | None = None,
    force: bool = False,
) -> EcsService:
    """Begin a deployment; the service as ECS answers. The same call twice is as one.

    `force` starts new tasks though nothing changed. Raises AwsError.
    """
    more: dict[str, Any] = {} if desired is None else {"desiredCount": desired}
    with translated(f"giving the ECS service {name} of {cluster} {task_definition}"):
        answer = client(access, "ecs").update_service(
            cluster=cluster,
            service=name,
            taskDefinition=task_definition,
            forceNewDeployment=force,
            **more,
        )
    return _service(answer["service"])


def revision(task_definition: str) -> str:
    """family:revision of a task definition's ARN."""
    return task_definition.rsplit("/", 1)[-1]


def _service(said: Mapping[str, Any]) -> EcsService:
    launch = {
        name: said[name]
        for name in ("launchType", "capacityProviderStrategy", "platformVersion")
        if said.get(name)
    }
    if "capacityProviderStrategy" in launch:
        launch.pop("launchType", None)  # RunTask takes one of the two
    return EcsService(
        arn=str(said["serviceArn"]),
        name=str(said["serviceName"]),
        cluster=str(said.get("clusterArn", "")),
        task_definition=str(said["taskDefinition"]),
        desired=int(said.get("desiredCount", 0)),
        running=int(said.get("runningCount", 0)),
        pending=int(said.get("pendingCount", 0)),
        deployments=tuple(_deployment(each) for each in said.get("deployments", [])),
        events=tuple(f"{each['id']} {each['message']}" for each in said.get("events", [])),
        network=said.get("networkConfiguration") or {},
        launch=launch,
        takes_shells=bool(said.get("enableExecuteCommand")),
    )


def _deployment(said: Mapping[str, Any]) -> EcsDeployment:
    return EcsDeployment(
        id=str(said["id"]),
        primary=said.get("status") == "PRIMARY",
        task_definition=str(said["taskDefinition"]),
        desired=int(said.get("desiredCount", 0)),
        running=int(said.get("runningCount", 0)),
        pending=int(said.get("pendingCount", 0)),
        failed=int(said.get("failedTasks", 0)),
        state=said.get("rolloutState"),
        reason=str(said.get("rolloutStateReason") or ""),
        created=_moment(said.get("createdAt")),
    )


def _moment(at: Any) -> str:
    return moment(at) if isinstance(at, datetime) else ""
