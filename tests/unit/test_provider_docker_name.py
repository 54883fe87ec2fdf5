"""DockerName: a container has another name for each version, and when the one there was is gone."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest

from clients import docker_containers
from clients.docker_images import NoEngineError
from provider.docker_name import DockerNameResource
from provider.resource import Call, Old
from provider.wire import UNKNOWN
from tests.fakes.docker_engine import FakeEngine
from tests.fakes.lines import Lines

DIGEST = "sha256:" + "a" * 64
INPUTS: dict[str, Any] = {
    "service": "web",
    "host": "unix:///var/run/docker.sock",
    "owner": "p/dev/web",
    "digest": DIGEST,
    "settings": "0123",
}


class Bench:
    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.lines = Lines()
        self.call = Call("urn", self.lines, threading.Event())
        self.resource = DockerNameResource()

    def named(self) -> Old:
        outputs = self.resource.settle(self.call, INPUTS, None, False)[1]
        self.engine.add(outputs["name"], "image", owner="p/dev/web")
        return Old(inputs=INPUTS, outputs=outputs)

    def diff(self, old: Old, **changed: Any) -> list[str]:
        return self.resource.diff(self.call, old, {**INPUTS, **changed}).changed


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    bench = Bench()
    monkeypatch.setattr(docker_containers, "_connect", lambda _: bench.engine)
    return bench


def test_a_name_is_the_service_and_eight_digits_and_never_the_same(bench: Bench) -> None:
    names = {bench.named().outputs["name"] for _ in range(5)}
    assert len(names) == 5
    assert all(re.fullmatch(r"web-[0-9a-f]{8}", name) for name in names)


def test_it_stays_while_its_container_is_there_running_or_not(bench: Bench) -> None:
    assert bench.diff(bench.named()) == []
    assert bench.engine.calls == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"digest": "sha256:" + "b" * 64}, ["digest"]),
        ({"settings": "4567"}, ["settings"]),
        ({"host": "ssh://ops@vm.example"}, ["host"]),
        ({"again": True}, ["again"]),
        ({"timeout": 90}, []),
    ],
)
def test_another_version_gets_another_name(
    bench: Bench, changed: dict[str, Any], expected: list[str]
) -> None:
    assert bench.diff(bench.named(), **changed) == expected


def test_a_container_that_is_gone_gets_another_name(bench: Bench) -> None:
    old = bench.named()
    bench.engine.there.clear()
    assert bench.diff(old) == ["name"]
    gone = f"web: its container {old.outputs['name']} is gone; it will be deployed again"
    assert bench.lines.facts == [gone]
    assert bench.resource.settle(bench.call, INPUTS, old, True)[1] == {"name": UNKNOWN}


def test_a_container_that_somebody_put_in_its_place_is_named_with_what_it_runs(
    bench: Bench,
) -> None:
    old = bench.named()
    bench.engine.there.clear()
    bench.engine.add(old.outputs["name"], "other")
    bench.engine.images["other"] = ["repository@sha256:other"]
    assert bench.diff(old) == ["name"]
    assert f"was replaced: it runs sha256:other instead of {DIGEST}" in bench.lines.facts[0]


def test_an_engine_that_does_not_answer_is_an_error_and_not_a_diff(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = "tcp://127.0.0.1:9"
    inputs = {**INPUTS, "host": host}
    old = Old(inputs=inputs, outputs={"name": "web-1"})
    call = Call("urn", Lines(), threading.Event())
    with pytest.raises(NoEngineError, match=f"no Docker engine answers at {host}") as error:
        DockerNameResource().diff(call, old, inputs)
    assert "slipway:docker" in str(error.value)
    assert DockerNameResource().read(call, old) == {"name": "web-1"}


@pytest.mark.parametrize("missing", ["service", "host", "owner", "digest", "settings"])
def test_what_is_missing_is_named(missing: str) -> None:
    wrong = DockerNameResource().check({**INPUTS, missing: ""})
    assert wrong.keys() == {missing}
    assert DockerNameResource().check({**INPUTS, "digest": UNKNOWN}) == {}
