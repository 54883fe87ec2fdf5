"""What is a change of a service on ECS, what a plain preview reads back, and what inputs allow."""

from __future__ import annotations

from typing import Any

import pytest

from provider.ecs_inputs import check
from provider.wire import UNKNOWN
from tests.fakes.ecs import definition
from tests.unit.test_provider_ecs import NEW, OLD, ONE, REPOSITORY, TWO, Bench, bench, inputs

__all__ = ["bench"]


@pytest.mark.parametrize(
    ("change", "diffs"),
    [
        ({"digest": OLD, "image": f"{REPOSITORY}:v1@{OLD}"}, ["image", "digest"]),
        ({"digest": UNKNOWN, "image": UNKNOWN}, ["image", "digest"]),
        ({"task_definition": definition(3)}, ["task_definition"]),
        ({"task_definition": UNKNOWN}, ["task_definition"]),
        ({"count": 2}, ["count"]),
        ({"again": True}, ["again"]),
        ({"timeout": 9, "policy": "together", "release": "v9"}, []),
        ({"before": {"command": ["x"]}}, []),
    ],
)
def test_what_is_a_diff_and_what_is_not(
    bench: Bench, change: dict[str, Any], diffs: list[str]
) -> None:
    old = bench.up(inputs(count=1))
    assert bench.resource.diff(bench.call, old, inputs(**{"count": 1, **change})).changed == diffs


def test_an_unchanged_service_costs_one_read_and_no_write(bench: Bench) -> None:
    old = bench.up()
    bench.ecs.calls.clear()
    assert bench.resource.diff(bench.call, old, inputs()).changed == []
    assert [name for name, _ in bench.ecs.calls] == ["describe_services"]


def test_a_service_switched_behind_its_back_is_a_diff_with_its_reason(bench: Bench) -> None:
    old = bench.up()
    bench.ecs.forced_by_others = ONE
    bench.ecs.describe_services()
    assert bench.resource.diff(bench.call, old, inputs()).changed == ["task_definition"]
    assert bench.lines.facts[-1] == (
        "backend: runs revision 1 of backend instead of 2; it will be deployed again"
    )
    mended = bench.up(inputs(), old)
    assert mended.outputs["verdict"] == f"running {NEW}"
    assert bench.running() == (TWO, 1)


def test_a_service_scaled_to_0_is_a_diff_and_one_scaled_by_hand_is_not(bench: Bench) -> None:
    old = bench.up(inputs(count=2))
    bench.ecs.count = 5
    assert bench.resource.diff(bench.call, old, old.inputs).changed == []
    again = bench.up(inputs(count=2, again=True), old)
    assert bench.running() == (TWO, 5)
    bench.ecs.count = 0
    assert bench.resource.diff(bench.call, again, old.inputs).changed == ["count"]
    bench.up(dict(old.inputs), again)
    assert bench.running() == (TWO, 2)


def test_a_service_that_is_gone_is_a_diff(bench: Bench) -> None:
    old = bench.up()
    bench.ecs.gone = True
    assert bench.resource.diff(bench.call, old, inputs()).changed == ["ecs_service"]
    found = bench.resource.read(bench.call, old)
    assert found is not None
    assert (found["verdict"], found["deployed_digest"]) == ("absent", "")


def test_a_refresh_reads_the_digest_that_really_runs(bench: Bench) -> None:
    old = bench.up()
    bench.ecs.digests[ONE] = OLD
    bench.ecs.forced_by_others = ONE
    for _ in range(3):
        bench.ecs.describe_services()
    found = bench.resource.read(bench.call, old)
    assert found is not None
    assert (found["verdict"], found["deployed_digest"]) == (f"running {OLD}", OLD)


def test_again_starts_new_tasks_of_the_same_revision(bench: Bench) -> None:
    old = bench.up()
    bench.ecs.calls.clear()
    bench.up(inputs(again=True), old)
    (update,) = bench.ecs.of("update_service")
    assert update["forceNewDeployment"] is True


def test_another_service_name_replaces(bench: Bench) -> None:
    old = bench.up()
    assert bench.resource.diff(bench.call, old, inputs(service="b")).replaced == ["service"]


@pytest.mark.parametrize(
    ("change", "name", "said"),
    [
        ({"service": "Backend"}, "service", "'Backend' is not a service"),
        ({"image": f"{REPOSITORY}:v2"}, "image", "ECS runs digests, never tags"),
        ({"digest": "v2"}, "digest", "'v2' is not a digest"),
        ({"cluster": ""}, "cluster", "cluster is missing"),
        ({"count": 0}, "count", "0 is not a count of tasks; allowed: whole numbers, 1 or more"),
        ({"policy": "both"}, "policy", "allowed: independent, together"),
        ({"timeout": 0}, "timeout", "whole seconds, 1 or more"),
        ({"before": {"command": "python x"}}, "before", "allowed: a list of words"),
        ({"before": {"command": []}}, "before", "allowed: a list of words"),
    ],
)
def test_inputs_that_are_wrong_are_named_with_what_is_allowed(
    change: dict[str, Any], name: str, said: str
) -> None:
    assert check(inputs()) == {}
    assert said in check(inputs(**change))[name]


def test_unknown_inputs_are_not_judged() -> None:
    unknown = dict.fromkeys(("image", "digest", "task_definition", "ecs_service"), UNKNOWN)
    assert check(inputs(**unknown)) == {}
