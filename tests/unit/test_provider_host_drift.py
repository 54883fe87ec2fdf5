"""What is a change of a rollout, and what a refresh finds on its hosts."""

from __future__ import annotations

from typing import Any

import pytest

from provider.resource import Old
from provider.wire import UNKNOWN
from tests.unit.test_provider_host import NEW, OLD, ONE, THREE, TWO, Bench, FakeHosts, inputs, says


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    hosts = FakeHosts()
    hosts.install(monkeypatch)
    return Bench(hosts)


@pytest.mark.parametrize(
    ("change", "diffs"),
    [
        ({"digest": OLD, "image": f"r/x@{OLD}"}, ["image", "digest"]),
        ({"digest": UNKNOWN, "image": UNKNOWN}, ["image", "digest"]),
        ({"fingerprint": "f2"}, ["fingerprint"]),
        ({"document_hash": "0" * 64}, ["document_hash"]),
        ({"instances": [ONE, TWO, THREE]}, ["instances"]),
        ({"instances": [TWO, ONE]}, []),
        ({"bundle_key": "other", "bundle_sha256": "0" * 64, "version": "v3"}, []),
        ({"timeout": 61}, []),
        ({"release": "v2"}, []),
        ({"again": False}, []),
        ({"again": True}, ["again"]),
    ],
)
def test_what_is_a_diff_and_what_is_not(
    bench: Bench, change: dict[str, Any], diffs: list[str]
) -> None:
    old = bench.up(inputs())
    bench.hosts.sent.clear()
    assert bench.resource.diff(bench.call, old, inputs(**change)).changed == diffs
    assert bench.hosts.sent == []


def test_what_was_deployed_again_once_is_not_deployed_again_unasked(bench: Bench) -> None:
    old = bench.up(inputs(again=True))
    assert bench.resource.diff(bench.call, old, inputs()).changed == []


def test_another_service_name_replaces(bench: Bench) -> None:
    old = bench.up(inputs())
    assert bench.resource.diff(bench.call, old, inputs(service="b")).replaced == ["service"]


def test_a_refresh_finds_what_really_runs_and_the_next_diff_says_so(bench: Bench) -> None:
    old = bench.up(inputs())
    bench.hosts.answers["status", TWO] = says("running", OLD, version="v1")
    found = bench.resource.read(bench.call, old)
    assert found is not None
    assert found["running"] == {ONE: NEW, TWO: OLD}
    assert found["deployed_digest"] == OLD
    assert found["seconds"] == old.outputs["seconds"]
    drifted = Old(inputs=old.inputs, outputs=found)
    assert bench.resource.diff(bench.call, drifted, inputs()).changed == ["deployed_digest"]
    assert f"runs {OLD} instead of {NEW}" in bench.lines.facts[-1]


def test_a_service_that_is_gone_from_its_host_is_a_diff_too(bench: Bench) -> None:
    old = bench.up(inputs())
    bench.hosts.answers["status", ONE] = says("absent", None)
    found = bench.resource.read(bench.call, old)
    assert found is not None
    assert found["deployed_digest"] == ""
    drifted = Old(inputs=old.inputs, outputs=found)
    assert bench.resource.diff(bench.call, drifted, inputs()).changed == ["deployed_digest"]


def test_a_host_that_can_t_be_asked_keeps_its_state(bench: Bench) -> None:
    old = bench.up(inputs())
    bench.hosts.sent.clear()
    bench.hosts.silent = [{ONE: "its agent is Inactive", TWO: "its agent is Inactive"}]
    assert bench.resource.read(bench.call, old) == old.outputs
    assert bench.hosts.sent == []
    assert "can't be asked" in bench.lines.facts[-1]


def test_what_somebody_changed_in_a_hosts_cluster_is_a_diff_that_is_deployed_again(
    bench: Bench,
) -> None:
    wanted = inputs(kind="kubernetes", instances=[ONE])
    old = bench.up(wanted)
    assert old.outputs["drift"] == ""
    assert bench.resource.diff(bench.call, old, wanted).changed == []
    why = "changed by hand: Deployment: -replicas: 1 +replicas: 2"
    bench.hosts.answers["status", ONE] = says("changed", NEW, detail=why)
    found = bench.resource.read(bench.call, old)
    assert found is not None
    assert found["deployed_digest"] == NEW
    drifted = Old(inputs=old.inputs, outputs=found)
    assert bench.resource.diff(bench.call, drifted, wanted).changed == ["drift"]
    assert why in bench.lines.facts[-1]
    bench.hosts.sent.clear()
    mended = bench.up(wanted, drifted)
    assert bench.actions() == [("deploy", [ONE])]
    assert mended.outputs["drift"] == ""


def test_a_changed_manifest_is_a_diff_that_a_preview_can_show(bench: Bench) -> None:
    old = bench.up(inputs(kind="kubernetes", manifests="[1]"))
    wanted = inputs(kind="kubernetes", manifests="[2]", fingerprint="f2")
    assert bench.resource.diff(bench.call, old, wanted).changed == ["fingerprint", "manifests"]
