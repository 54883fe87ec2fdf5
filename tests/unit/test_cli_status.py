"""`slipway status`: what runs on every target beside the record, with one deadline."""

from __future__ import annotations

from typing import Any

import pytest

from cli import status
from clients import ClientError
from clients.lambda_ import Alias
from release.status import Seen
from tests.fakes.records import D1, D2
from tests.fakes.shop_stack import slipway
from tests.fakes.status_stack import (
    World,
    container,
    ecs_service,
    function,
    problems,
    report,
    task,
    world,
)

__all__ = ["slipway", "world"]


def test_all_as_recorded_ends_with_0_and_one_row_for_each_place(world: World, slipway: Any) -> None:
    world.deployed()
    ran = slipway("status", "prod")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert [line.split()[:2] for line in lines[1:6]] == [
        ["api", "slipway-prod/prod-api"],
        ["mail", "prod-mail:live"],
        ["shop", "i-1"],
        ["shop", "i-2"],
        ["web", "web-0a1b2c3d"],
    ]
    assert "tasks 1/1, definition prod-api:7, rollout COMPLETED, last event" in lines[1]
    assert "alias version 4, state Active" in lines[2]
    assert "agent 3.3.1 Online, disk free -" in lines[3]
    assert lines[6].startswith("all 5 as recorded: v1.2.0 (")


def test_another_digest_is_marked(world: World, slipway: Any) -> None:
    world.deployed()
    world.outputs["i-2"] = report(D2)
    ran = slipway("status", "prod")
    assert ran.code == 1
    marked = [line for line in ran.out.splitlines() if line.startswith("!")]
    assert len(marked) == 1
    assert "i-2" in marked[0]
    assert "1 of 5 do not run what the record says" in ran.out


def test_a_task_definition_changed_by_hand_is_told_while_the_old_task_still_runs(
    world: World, slipway: Any
) -> None:
    world.deployed()
    world.defined = f"shop:other@{D2}"
    said = f"runs {D2[:19]}, and the record says {D1[:19]}"
    assert problems(slipway) == {"api slipway-prod/prod-api": said}


def test_a_platform_s_manifest_of_the_recorded_index_is_the_recorded_image(
    world: World, slipway: Any
) -> None:
    world.deployed()
    child = "sha256:" + "3" * 64
    world.tasks = [task(child)]
    assert "api slipway-prod/prod-api" in problems(slipway)
    world.children = {D1: frozenset({child})}
    assert problems(slipway, 0) == {}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"running": 0}, "stopped: 0 of 1 tasks run"),
        ({"desired": 0, "running": 0}, "stopped: no task is wanted"),
        ({"state": "FAILED"}, "running: its rollout failed: why"),
    ],
)
def test_a_service_of_ecs_that_is_not_whole_is_told(
    world: World, slipway: Any, values: dict[str, Any], said: str
) -> None:
    world.deployed()
    world.service = ecs_service(**values)
    assert problems(slipway) == {"api slipway-prod/prod-api": said}


def test_an_unhealthy_task_and_a_service_that_is_gone_are_told(world: World, slipway: Any) -> None:
    world.deployed()
    world.tasks = [task(D1), task(D1, health="UNHEALTHY")]
    assert problems(slipway) == {"api slipway-prod/prod-api": "running: a task is unhealthy"}
    world.service = None
    assert "absent: ECS has no such service" in problems(slipway).values()


def test_a_function_that_another_version_shares_or_that_failed_is_told(
    world: World, slipway: Any
) -> None:
    world.deployed()
    world.alias = Alias(name="live", version="4", shared={"3": 0.1}, revision="r")
    assert problems(slipway) == {"mail prod-mail:live": "running: some calls go to version 3 too"}
    world.alias = Alias(name="live", version="4", shared={}, revision="r")
    world.function = function(D1, state="Failed")
    assert problems(slipway) == {
        "mail prod-mail:live": "running: its version 4 is Failed: no image"
    }
    world.alias = None
    assert problems(slipway) == {"mail prod-mail:live": "absent: Lambda has no such alias"}


def test_a_container_that_ended_or_is_gone_is_told(world: World, slipway: Any) -> None:
    world.deployed()
    world.containers = [container("exited", ExitCode=3)]
    assert problems(slipway) == {"web web-0a1b2c3d": "exited: exit code 3"}
    world.containers = [container("exited", id="c2"), container()]
    assert problems(slipway, 0) == {}, "the one that runs counts"
    world.containers = []
    (said,) = problems(slipway).values()
    assert said == "absent: no container has the label slipway/prod/web"


def test_who_can_t_be_asked_is_told_and_the_others_are_shown(
    world: World, slipway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.deployed()

    def refuses(*_: object) -> list[Seen]:
        raise ClientError("reading the alias: AccessDenied")

    monkeypatch.setattr(status, "look_at_function", refuses)
    assert problems(slipway) == {"mail -": "unknown: reading the alias: AccessDenied"}


def test_a_stack_that_was_never_deployed_is_no_mismatch(world: World, slipway: Any) -> None:
    world.hash, world.service, world.alias, world.containers = None, None, None, []
    ran = slipway("status", "prod")
    assert ran.code == 0
    assert "nothing was deployed yet" in ran.out


def test_a_wrong_stack_or_time_is_a_wrong_use(world: World, slipway: Any) -> None:
    ran = slipway("status", "nowhere")
    assert ran.code == 2
    assert "there is no stack file Pulumi.nowhere.yaml; allowed: prod" in ran.err
    assert slipway("status", "prod", "--timeout", "0").code == 2
