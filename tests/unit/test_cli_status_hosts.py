"""`slipway status` of hosts: asked through the stack's own document, not waited for in vain."""

from __future__ import annotations

from typing import Any

from clients.machines import Machine
from clients.ssm_agents import Agent
from tests.fakes.records import D1
from tests.fakes.shop_stack import slipway
from tests.fakes.status_stack import World, problems, report, world

__all__ = ["slipway", "world"]


def test_hosts_are_asked_by_one_status_action_of_the_stacks_own_document(
    world: World, slipway: Any
) -> None:
    world.deployed()
    slipway("status", "prod")
    (command,) = world.sent
    assert command.document == "slipway-deploy-prod"
    assert command.document_hash == "f" * 64
    assert command.parameters == {"action": "status", "service": "shop", "kind": "service"}
    assert list(command.instances) == ["i-1", "i-2"]


def test_a_newer_host_says_since_when_how_healthy_and_how_full_it_is(
    world: World, slipway: Any
) -> None:
    world.deployed()
    more = ', "since": "2026-11-21T06:30:00Z", "health": "healthy", "disk_free_mib": 3072'
    world.outputs["i-1"] = report(D1, more=more)
    line = slipway("status", "prod").out.splitlines()[3]
    assert "2026-11-21 06:30" in line
    assert "healthy" in line
    assert "disk free 3.0 GiB" in line
    world.outputs["i-1"] = report(D1, more=', "health": "unhealthy"')
    assert problems(slipway) == {"shop i-1": "running: unhealthy"}


def test_hosts_that_are_off_or_silent_are_named_and_not_asked(world: World, slipway: Any) -> None:
    world.deployed()
    world.machines = [
        Machine(id="i-1", state="stopped"),
        Machine(id="i-2", state="running"),
        Machine(id="i-3", state="running"),
    ]
    # What has just been stopped still counts as online for some minutes.
    world.agents = {
        "i-1": Agent(ping="Online", version="3"),
        "i-2": Agent(ping="ConnectionLost", version="3"),
    }
    assert problems(slipway) == {
        "shop i-1": "offline: the instance is stopped",
        "shop i-2": "offline: its agent is ConnectionLost",
        "shop i-3": "offline: Systems Manager does not know it",
    }
    assert not world.sent


def test_a_host_without_its_report_is_not_taken_for_well(world: World, slipway: Any) -> None:
    world.deployed()
    world.outputs = {"i-1": "Terminated", "i-2": ""}
    world.statuses = {"i-1": "Failed", "i-2": "InProgress"}
    assert problems(slipway) == {
        "shop i-1": "unknown: no report (Failed)",
        "shop i-2": "unknown: no answer in time",
    }


def test_no_host_and_no_document_are_told(world: World, slipway: Any) -> None:
    world.deployed()
    world.hash = None
    assert "there is no document slipway-deploy-prod" in problems(slipway)["shop i-1"]
    world.machines = []
    found = problems(slipway)
    assert found == {"shop role=app": "absent: no instance carries the tag role=app"}
