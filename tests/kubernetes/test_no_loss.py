"""No request is lost while versions change; without what cares for that, some are.

A few rollouts; `make no-loss` does ten, and two that fail.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from components.documents.kubernetes.bundle import surroundings
from components.documents.kubernetes.namespace import namespace_object
from localcloud.kubernetes.node import Node
from tests.kubernetes.app import App
from tests.kubernetes.load import Load, loaded
from tests.kubernetes.test_node import wait_for
from tests.kubernetes.test_rollout import SHOP, Bench

PORT = 30243
PUBLISHED = replace(SHOP, publish=PORT)
ROLLOUTS = int(os.environ.get("SLIPWAY_ROLLOUTS", "2"))
FAILED = max(1, ROLLOUTS // 5)


@pytest.fixture(scope="module")
def table() -> Iterator[list[str]]:
    """Rows that are shown at the end, one below the other."""
    head = ("rollouts", "failed ones", "answered", "lost")
    rows = ["what is deployed".ljust(24) + "".join(each.rjust(13) for each in head)]
    yield rows
    print("\n" + "\n".join(rows))


@pytest.fixture
def bench(node: Node, app: App) -> Iterator[Bench]:
    """A service that is published, in a namespace of its own; v1 answers."""
    name = f"no-loss-{uuid.uuid4().hex[:6]}"
    node.kubectl("apply", "--filename", "-", given=json.dumps(namespace_object(name)))
    made = Bench(node, app, name)
    every = {"apiVersion": "v1", "kind": "List", "items": surroundings(PUBLISHED, name)}
    node.kubectl("apply", "--filename", "-", given=json.dumps(every))
    yield made
    made.kubectl("delete", "service/shop")  # its port is the next one's
    node.kubectl("delete", "namespace", name, "--wait=false")


def without_sleep(deployment: dict[str, Any]) -> None:
    """No sleep before the end."""
    del deployment["spec"]["template"]["spec"]["containers"][0]["lifecycle"]


def recreated(deployment: dict[str, Any]) -> None:
    """Strategy Recreate."""
    deployment["spec"]["strategy"] = {"type": "Recreate"}


def as_it_is(deployment: dict[str, Any]) -> None:
    """What we deploy."""


def wanted(bench: Bench, version: str, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    inputs = bench.inputs(version, PUBLISHED)
    documents = json.loads(inputs["manifests"])
    change(documents[-1])
    return {**inputs, "manifests": json.dumps(documents)}


def rolled(bench: Bench, change: Callable[[dict[str, Any]], None], fail: int) -> Load:
    """What became of the requests while versions changed, and `fail` of them were put back."""
    url = f"http://{bench.node.address}:{PORT}"
    made = bench.up(wanted(bench, "v1", change))
    wait_for(url, "v1")
    with loaded(url) as load:
        for number in range(ROLLOUTS):
            made = bench.up(wanted(bench, "v1" if number % 2 else "v2", change), made)
            if number * fail // ROLLOUTS < (number + 1) * fail // ROLLOUTS:
                sick = {**wanted(bench, "sick", change), "timeout": 6}
                assert "put back to" in bench.fails(sick, made)
    return load


def row(name: str, fail: int, load: Load) -> str:
    figures = (ROLLOUTS, fail, load.good, len(load.failed))
    return name.ljust(24) + "".join(f"{each:>13}" for each in figures)


def test_rollouts_and_failed_ones_lose_no_request(bench: Bench, table: list[str]) -> None:
    load = rolled(bench, as_it_is, FAILED)
    table.append(row("as it is", FAILED, load))
    assert load.failed == []
    assert load.good > 100 * ROLLOUTS


@pytest.mark.long
@pytest.mark.parametrize("change", [without_sleep, recreated])
def test_without_our_care_requests_are_lost(bench: Bench, change: Any, table: list[str]) -> None:
    load = rolled(bench, change, 0)
    table.append(row(change.__doc__.strip("."), 0, load))
    assert load.failed
