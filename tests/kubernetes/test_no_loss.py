"""No request is lost while versions change; without what cares for that, some are."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from components.documents.kubernetes.bundle import surroundings
from components.documents.kubernetes.namespace import namespace_object
from localcloud.kubernetes.node import Node
from provider.resource import Old
from tests.kubernetes.app import App
from tests.kubernetes.load import loaded
from tests.kubernetes.test_node import wait_for
from tests.kubernetes.test_rollout import SHOP, Bench

PORT = 30243
PUBLISHED = replace(SHOP, publish=PORT)
ROLLOUTS = 10


@pytest.fixture
def bench(node: Node, app: App) -> Iterator[Bench]:
    """A service that is published, in a namespace of its own; v1 answers."""
    name = f"no-loss-{uuid.uuid4().hex[:6]}"
    node.kubectl("apply", "--filename", "-", given=json.dumps(namespace_object(name)))
    made = Bench(node, app, name)
    every = {"apiVersion": "v1", "kind": "List", "items": surroundings(PUBLISHED, name)}
    node.kubectl("apply", "--filename", "-", given=json.dumps(every))
    yield made
    node.kubectl("delete", "namespace", name)


def without_sleep(deployment: dict[str, Any]) -> None:
    """Pods that end at once when they are told to."""
    del deployment["spec"]["template"]["spec"]["containers"][0]["lifecycle"]


def recreated(deployment: dict[str, Any]) -> None:
    """All old pods go before the first new one comes."""
    deployment["spec"]["strategy"] = {"type": "Recreate"}


def as_it_is(deployment: dict[str, Any]) -> None:
    """What we deploy."""


def wanted(bench: Bench, version: str, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    inputs = bench.inputs(version, PUBLISHED)
    documents = json.loads(inputs["manifests"])
    change(documents[-1])
    return {**inputs, "manifests": json.dumps(documents)}


def begin(bench: Bench, change: Callable[[dict[str, Any]], None]) -> Old:
    made = bench.up(wanted(bench, "v1", change))
    wait_for(f"http://{bench.node.address}:{PORT}", "v1")
    return made


def test_ten_rollouts_and_two_failed_ones_lose_no_request(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    made = begin(bench, as_it_is)
    with loaded(f"http://{bench.node.address}:{PORT}") as load:
        for number in range(ROLLOUTS):
            made = bench.up(wanted(bench, "v1" if number % 2 else "v2", as_it_is), made)
            if number in (3, 7):
                sick = {**wanted(bench, "sick", as_it_is), "timeout": 6}
                assert "put back to" in bench.fails(sick, made)
    with capsys.disabled():
        print(f"\n{ROLLOUTS} rollouts and 2 failed ones: {load}")
    assert load.failed == []
    assert load.good > 2000


@pytest.mark.parametrize("change", [without_sleep, recreated])
def test_without_our_care_requests_are_lost(
    bench: Bench, change: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    made = begin(bench, change)
    with loaded(f"http://{bench.node.address}:{PORT}") as load:
        for number in range(3):
            made = bench.up(wanted(bench, "v1" if number % 2 else "v2", change), made)
    with capsys.disabled():
        print(f"\n3 rollouts, {change.__name__.replace('_', ' ')}: {load}")
    assert load.failed
