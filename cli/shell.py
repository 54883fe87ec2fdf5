"""`slipway shell`: the command that opens a shell where a service runs."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.answers import say
from cli.kubernetes_access import cluster_of_stack, refuse_from_afar
from cli.service_choice import OneStack, stack_with
from cli.stack import OpenStack
from cli.status import opened_stack
from clients import ClientError, ecs, ecs_tasks, machines
from clients.aws import AwsAccess
from clients.docker_containers import DockerContainers
from infra.places import (
    DockerPlace,
    EcsPlace,
    HostPlace,
    KubernetesPlace,
    LambdaPlace,
    Place,
    place_of,
)

_INSTANCE = re.compile(r"m?i-[0-9a-f]{8,17}")
Where = Annotated[
    str, typer.Argument(help="A service, as in the stack file, or the id of an instance.")
]
Run = Annotated[bool, typer.Option("--run", help="Open it, instead of printing the command.")]


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("shell")
    def shell(where: Where, stack: OneStack = None, run: Run = False) -> None:
        """Print the command that opens a shell on a service's host, task or container.

        Hosts are reached through Session Manager, tasks through ECS Exec, pods through kubectl with
        your kubeconfig of their cluster; a function has no shell.
        """
        argv = argv_of(where, stack)
        if not run:
            say(shlex.join(argv))
            return
        sys.stdout.flush()
        try:
            os.execvp(argv[0], argv)  # noqa: S606 -- argv, and no shell in between
        except FileNotFoundError:
            raise ClientError(
                f"{argv[0]} is not on PATH; install it"
                + (", with its session-manager-plugin" if argv[0] == "aws" else "")
            ) from None


def argv_of(where: str, stack: str | None) -> list[str]:
    """The command. Raises ClientError if there is no way in, and says what there is."""
    if _INSTANCE.fullmatch(where):
        if stack is None:
            raise typer.BadParameter(f"{where} is an instance: say --stack too")
        return _session(opened_stack(stack), where)
    opened = stack_with(where, stack)
    return _into(opened, place_of(opened.settings, where))


def _into(opened: OpenStack, place: Place) -> list[str]:
    match place:
        case HostPlace():
            return _session(opened, _machine(opened.access, place))
        case EcsPlace():
            return _task(opened, place)
        case DockerPlace():
            return _container(place)
        case KubernetesPlace():
            return _pod(opened, place)
        case LambdaPlace():
            raise ClientError(
                f"{place.name} is a function, which has no shell; what it printed: "
                f"`slipway logs {place.name} --stack {opened.settings.stack}`"
            )


def _machine(access: AwsAccess, place: HostPlace) -> str:
    found = [each.id for each in machines.tagged(access, place.tag) if each.state == "running"]
    if len(found) == 1:
        return found[0]
    key, value = place.tag
    if not found:
        raise ClientError(f"{place.name}: no instance tagged {key}={value} runs")
    raise typer.BadParameter(
        f"{place.name} runs on {len(found)} hosts; say one of them instead: {', '.join(found)}"
    )


def _session(opened: OpenStack, instance: str) -> list[str]:
    """https://docs.aws.amazon.com/cli/latest/reference/ssm/start-session.html"""
    return ["aws", "ssm", "start-session", "--target", instance, *_account(opened, "ssm")]


def _task(opened: OpenStack, place: EcsPlace) -> list[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html"""
    if place.rule is not None:
        raise ClientError(
            f"{place.name} runs by the clock, and ends: there is nothing to open a shell in; "
            f"`slipway logs {place.name}`"
        )
    service = ecs.service(opened.access, place.cluster, place.resource)
    if service is None:
        raise ClientError(f"ECS has no service {place.resource} in {place.cluster}; deploy first")
    account = _account(opened, "ecs")
    if not service.takes_shells:
        enable = shlex.join(
            [
                *("aws", "ecs", "update-service", "--cluster", place.cluster),
                *("--service", place.resource),
                *("--enable-execute-command", "--force-new-deployment", *account),
            ]
        )
        raise ClientError(
            f"ECS Exec is not enabled for {place.name}, so its tasks take no shell. To enable it, "
            "let the task's role use ssmmessages:CreateControlChannel, CreateDataChannel, "
            f"OpenControlChannel and OpenDataChannel, then: {enable}"
        )
    tasks = ecs_tasks.of_service(opened.access, place.cluster, place.resource, stopped=False)
    if not tasks:
        raise ClientError(f"no task of {place.name} runs; `slipway status` says why")
    return [
        *("aws", "ecs", "execute-command", "--cluster", place.cluster, "--task", tasks[0].id),
        *("--container", place.name, "--interactive", "--command", "/bin/sh", *account),
    ]


def _container(place: DockerPlace) -> list[str]:
    found = DockerContainers(place.engine).of_owner(place.owner)
    running = next((each for each in found if each.running), None)
    if running is None:
        raise ClientError(f"no container of {place.name} runs at {place.engine}")
    return ["docker", "--host", place.engine, "exec", "-it", running.name, "/bin/sh"]


def _pod(opened: OpenStack, place: KubernetesPlace) -> list[str]:
    """The server is named, so that another cluster's credentials lead nowhere."""
    into = ["exec", "-it", place.resource, "--", "/bin/sh"]
    if place.kind == "CronJob":
        raise ClientError(
            f"{place.name} runs by the clock, and ends: there is nothing to open a shell in; "
            f"`slipway logs {place.name}`"
        )
    refuse_from_afar(place, shlex.join(into))
    api = cluster_of_stack(opened)
    found = api.get(place.kind, place.namespace, place.name)
    if found is None or not (found.get("status") or {}).get("readyReplicas"):
        raise ClientError(
            f"no pod of {place.name} is ready in {place.namespace}; `slipway status` says why"
        )
    file = opened.settings.kubernetes.kubeconfig
    given = ["--kubeconfig", str(opened.folder / Path(file).expanduser())] if file else []
    server = ["--server", api.cluster.server, "--namespace", place.namespace]
    return ["kubectl", *given, *server, *into]


def _account(opened: OpenStack, service: str) -> list[str]:
    access = opened.access
    endpoint = access.endpoint(service)
    return [
        *("--region", access.region),
        *(("--profile", access.profile) if access.profile else ()),
        *(("--endpoint-url", endpoint) if endpoint else ()),
    ]
