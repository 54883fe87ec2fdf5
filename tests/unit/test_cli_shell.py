"""`slipway shell`, and which stack a service is meant in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli import shell
from cli.service_choice import stack_with
from clients.machines import Machine
from tests.fakes.records import D1
from tests.fakes.shop_stack import World as Monorepo
from tests.fakes.shop_stack import slipway
from tests.fakes.shop_stack import world as monorepo
from tests.fakes.status_stack import FakeDocker, World, ecs_service, task, world

__all__ = ["monorepo", "slipway", "world"]


def asked(slipway: Any, *words: str) -> str:
    ran = slipway("shell", *words, "--stack", "prod")
    assert ran.code == 0, ran.err
    return str(ran.out).strip()


def refused(slipway: Any, *words: str, code: int = 1) -> str:
    ran = slipway("shell", *words, "--stack", "prod")
    assert ran.code == code, ran.out
    return " ".join(ran.err.split())


def test_a_host_is_reached_by_session_manager(world: World, slipway: Any) -> None:
    world.machines = [Machine(id="i-1", state="running"), Machine(id="i-2", state="stopped")]
    said = asked(slipway, "shop")
    assert said == "aws ssm start-session --target i-1 --region eu-west-1 --profile acme"
    said = asked(slipway, "i-0123456789abcdef0")
    assert "--target i-0123456789abcdef0 --region eu-west-1" in said


def test_of_several_hosts_one_has_to_be_said(world: World, slipway: Any) -> None:
    said = refused(slipway, "shop", code=2)
    assert "shop runs on 2 hosts; say one of them instead: i-1, i-2" in said
    world.machines = []
    assert "no instance tagged role=app runs" in refused(slipway, "shop")


def test_a_task_takes_a_shell_only_where_that_is_enabled(world: World, slipway: Any) -> None:
    said = refused(slipway, "api")
    assert "ECS Exec is not enabled for api" in said
    assert "aws ecs update-service --cluster slipway-prod --service prod-api" in said
    assert "--enable-execute-command --force-new-deployment --region eu-west-1" in said
    world.service = ecs_service(takes_shells=True)
    said = asked(slipway, "api")
    assert said.startswith("aws ecs execute-command --cluster slipway-prod --task t1 ")
    assert "--container api --interactive --command /bin/sh" in said
    world.tasks = []
    assert "no task of api runs" in refused(slipway, "api")
    world.service, world.tasks = None, [task(D1)]
    assert "ECS has no service prod-api" in refused(slipway, "api")


def test_a_function_has_no_shell_and_its_log_is_named(world: World, slipway: Any) -> None:
    assert "`slipway logs mail --stack prod`" in refused(slipway, "mail")


def test_a_container_is_entered_on_its_engine(
    world: World, slipway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "DockerContainers", type("D", (FakeDocker,), {"world": world}))
    said = asked(slipway, "web")
    assert said == ("docker --host unix:///var/run/docker.sock exec -it web-0a1b2c3d /bin/sh")
    world.containers = []
    assert "no container of web runs" in refused(slipway, "web")


def test_run_takes_the_command_s_place_with_a_list_of_words(
    world: World, slipway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []

    def execvp(file: str, argv: list[str]) -> None:
        ran.append(argv)

    monkeypatch.setattr(shell.os, "execvp", execvp)  # type: ignore[attr-defined]
    asked(slipway, "i-0123456789abcdef0", "--run")
    words = "aws ssm start-session --target i-0123456789abcdef0 --region eu-west-1 --profile acme"
    assert ran == [words.split()]


def test_a_program_that_is_not_there_is_named(
    world: World, slipway: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = refused(slipway, "i-0123456789abcdef0", "--run")
    assert "aws is not on PATH; install it, with its session-manager-plugin" in said


def test_a_service_that_the_stack_has_not_is_a_wrong_use(world: World, slipway: Any) -> None:
    said = refused(slipway, "nobody", code=2)
    assert "prod has no service 'nobody'; allowed: api, mail, shop, web" in said


def test_the_only_stack_with_a_service_needs_no_name(monorepo: Monorepo, slipway: Any) -> None:
    ran = slipway("logs", "shop", "--since", "soon")
    assert "allowed: a number" in ran.err
    assert stack_with("shop", None).settings.stack == "dev"


def test_of_several_stacks_one_has_to_be_said(monorepo: Monorepo, slipway: Any) -> None:
    monorepo.stack("prod")
    monorepo.write("deploy/Pulumi.broken.yaml", "config: [")
    ran = slipway("logs", "shop")
    assert ran.code == 2
    said = " ".join(ran.err.split())
    assert "2 stacks have a service 'shop'; say which: --stack dev, --stack prod" in said
    ran = slipway("logs", "nobody")
    assert ran.code == 2
    assert "has a service 'nobody'; allowed: shop" in " ".join(ran.err.split())
