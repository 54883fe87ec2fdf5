"""`rollout:index:Cleanup`: says what goes, and never fails a release. The engine is a fake."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from clients.local_cleanup import Cleaned
from provider.cleanup import CleanupResource
from provider.resource import Call, Old
from provider.wire import UNKNOWN
from tests.fakes.lines import Lines
from tests.unit.test_cleanup import HOST, FakeEngine, engine

__all__ = ["engine"]


INPUTS = {
    "record": "20261121T070000Z-a1b2c3d-aaaaaa",
    "repositories": [f"{HOST}/prod/api"],
    "dev_repositories": [f"{HOST}/dev/api"],
    "names": ["v1.7.0"],
    "cache_gb": 10,
}


def settle(preview: bool = False, **more: Any) -> tuple[list[str], Any]:
    lines = Lines()
    call = Call("urn", lines, threading.Event())
    _, outputs = CleanupResource().settle(call, INPUTS | more, None, preview)
    return lines.facts, outputs


def test_a_failure_to_clean_is_a_warning_and_the_release_stands(engine: object) -> None:
    facts, outputs = settle()
    assert outputs == {"removed": [f"{HOST}/dev/api:2"]}
    assert f"removed {HOST}/dev/api:2 (local image)" in facts
    assert facts[-1].startswith("warning: not cleaned up: removing it: conflict;")


def test_even_a_fault_of_ours_does_not_fail_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(_: object) -> Cleaned:
        raise KeyError("Id")

    monkeypatch.setattr("provider.cleanup.clean", fault)
    facts, _ = settle()
    assert facts[0].startswith("warning: not cleaned up: KeyError: 'Id'")


def test_a_preview_says_what_would_go_and_removes_nothing(engine: type[FakeEngine]) -> None:
    facts, outputs = settle(preview=True)
    assert f"would remove {HOST}/dev/api:1 (local image)" in facts
    assert outputs == {"removed": []}
    assert engine.removed == ()


def test_a_preview_before_the_repositories_are_known_asks_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("clients.local_cleanup.DockerImages", None)
    facts, _ = settle(preview=True, repositories=[UNKNOWN])
    assert facts == ["after the release its local images and those of dev go"]


def test_disabled_it_does_nothing_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provider.cleanup.clean", None)
    assert settle(enabled=False) == ([], {"removed": []})


def test_only_another_record_is_a_diff() -> None:
    call = Call("urn", Lines(), threading.Event())
    old = Old(inputs=INPUTS, outputs={"removed": []})
    others = {**INPUTS, "names": ["v2"], "cache_gb": 1, "dev_repositories": [], "enabled": False}
    assert CleanupResource().diff(call, old, others).changed == []
    for record in ("20261121T080000Z-a1b2c3d-bbbbbb", UNKNOWN):
        assert CleanupResource().diff(call, old, {**INPUTS, "record": record}).changed == ["record"]


def test_inputs_that_are_no_repositories_or_names_are_refused() -> None:
    wrong = CleanupResource().check(
        {**INPUTS, "names": ["-x"], "repositories": ["a:b"], "cache_gb": -1}
    )
    assert sorted(wrong) == ["cache_gb", "names", "repositories"]
    assert CleanupResource().check({**INPUTS, "repositories": [UNKNOWN], "names": UNKNOWN}) == {}
