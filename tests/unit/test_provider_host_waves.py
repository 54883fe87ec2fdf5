"""A fleet switches wave by wave; what is done, and said, when hosts fail."""

from __future__ import annotations

import re
from typing import Any

import pytest

from clients import ssm
from provider.host_rollout import HostRolloutError
from provider.resource import Old
from tests.unit.test_provider_host import NEW, OLD, Bench, FakeHosts, inputs, says

HOSTS = [f"i-{n:017x}" for n in range(1, 5)]
ONE, TWO, THREE, FOUR = HOSTS


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    hosts = FakeHosts()
    hosts.install(monkeypatch)
    for each in HOSTS:
        hosts.answers["restore", each] = says("put-back", OLD, version="v1")
        hosts.answers["status", each] = says("running", OLD, version="v1")
    return Bench(hosts)


def fleet(**more: Any) -> dict[str, Any]:
    return inputs(instances=HOSTS, concurrency="1", **more)


def failed(bench: Bench, wanted: dict[str, Any], old: Old | None = None) -> HostRolloutError:
    with pytest.raises(HostRolloutError) as error:
        bench.up(wanted, old)
    return error.value


def test_each_wave_waits_for_the_one_before(bench: Bench) -> None:
    bench.up(fleet() | {"concurrency": "50%"})
    assert bench.actions() == [("deploy", [ONE, TWO]), ("deploy", [THREE, FOUR])]


def test_a_wave_that_fails_is_the_last_one_and_every_host_is_told_with_its_digest(
    bench: Bench,
) -> None:
    bench.hosts.answers["deploy", THREE] = says("put-back", OLD, detail="no space left")
    error = failed(bench, fleet())
    assert bench.actions() == [
        ("deploy", [ONE]),
        ("deploy", [TWO]),
        ("deploy", [THREE]),
        ("restore", [ONE, TWO]),
        ("status", [FOUR]),
    ]
    text = str(error)
    assert text.splitlines()[0] == (
        f"shop: the rollout of {NEW} failed in wave 3 of 4: 1 failed, 0 may, "
        "and 1 hosts were not begun"
    )
    assert f"{ONE}: had switched; put back to {OLD}" in text
    assert f"{THREE}: put back to {OLD}: no space left" in text
    assert f"{FOUR}: still runs {OLD}: its wave was not begun" in text
    assert error.running == dict.fromkeys(HOSTS, OLD)


@pytest.mark.fault(17, "DeliveryTimedOut, ExecutionTimedOut, Undeliverable, Terminated, Cancelled")
@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("DeliveryTimedOut", "did not take the command in time"),
        ("ExecutionTimedOut", "the document's own time limit ended it"),
        ("Undeliverable", "could not be delivered"),
        ("Terminated", "Systems Manager ended it"),
        ("Cancelled", "was cancelled"),
    ],
)
def test_a_host_that_gives_no_answer_counts_as_failed_in_its_own_words(
    bench: Bench, status: str, words: str
) -> None:
    bench.hosts.answers["deploy", TWO] = status
    error = failed(bench, fleet())
    assert [each for each in bench.actions() if each[0] == "deploy"] == [
        ("deploy", [ONE]),
        ("deploy", [TWO]),
    ]
    assert re.search(
        f"{TWO}: .*what it runs is not known: .*{words}.*; then runs {OLD}", str(error)
    )
    assert error.running[TWO] == OLD


def test_as_many_as_may_fail_stop_nothing_and_the_update_fails_all_the_same(bench: Bench) -> None:
    bench.hosts.answers["deploy", TWO] = says("put-back", OLD, detail="unhealthy")
    error = failed(bench, fleet(errors="25%"))
    assert bench.actions() == [("deploy", [each]) for each in HOSTS]
    assert f"{ONE}: had switched; keeps {NEW}" in str(error)
    assert error.running == {ONE: NEW, TWO: OLD, THREE: NEW, FOUR: NEW}


def test_held_hosts_keep_the_new_version(bench: Bench) -> None:
    bench.hosts.answers["deploy", TWO] = says("put-back", OLD, detail="unhealthy")
    error = failed(bench, fleet(on_failure="hold"))
    assert "restore" not in {action for action, _ in bench.actions()}
    assert error.running == {ONE: NEW, TWO: OLD, THREE: OLD, FOUR: OLD}


@pytest.mark.fault(18, "SSM took a command and does not know it")
def test_a_lost_command_is_sent_once_more_to_where_it_was_lost(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.hosts.answers["deploy", TWO] = ssm.LOST
    usual = bench.hosts.send

    def send(access: Any, command: Any) -> str:
        if bench.hosts.sent:
            bench.hosts.answers.pop(("deploy", TWO), None)
        return usual(access, command)

    monkeypatch.setattr(ssm, "send", send)
    made = bench.up(fleet() | {"concurrency": "100%"})
    assert bench.actions() == [("deploy", HOSTS), ("deploy", [TWO])]
    assert made.outputs["deployed_digest"] == NEW


@pytest.mark.fault(18, "SSM loses a command twice")
def test_what_is_lost_twice_is_a_failure(bench: Bench) -> None:
    bench.hosts.answers["deploy", ONE] = ssm.LOST
    assert "took the command twice" in str(failed(bench, fleet()))


def test_a_host_that_joins_disturbs_no_other_one(bench: Bench) -> None:
    old = bench.up(inputs(instances=[ONE, TWO]))
    bench.hosts.sent.clear()
    for each in (ONE, TWO):
        bench.hosts.answers["status", each] = says("running", NEW, version="v2")
    bench.hosts.answers["status", THREE] = says("absent", None)
    made = bench.up(inputs(instances=[ONE, TWO, THREE]), old)
    assert bench.actions() == [("status", [ONE, TWO, THREE]), ("deploy", [THREE])]
    assert made.outputs["running"] == {ONE: NEW, TWO: NEW, THREE: NEW}


def test_a_host_that_joins_and_runs_it_by_itself_is_left_alone(bench: Bench) -> None:
    old = bench.up(inputs(instances=[ONE]))
    bench.hosts.sent.clear()
    for each in (ONE, TWO):
        bench.hosts.answers["status", each] = says("running", NEW, version="v2")
    made = bench.up(inputs(instances=[ONE, TWO]), old)
    assert bench.actions() == [("status", [ONE, TWO])]
    assert made.outputs["running"] == {ONE: NEW, TWO: NEW}


def test_a_host_that_joins_with_the_image_in_another_bundle_is_deployed_to(bench: Bench) -> None:
    old = bench.up(inputs(instances=[ONE]))
    bench.hosts.sent.clear()
    bench.hosts.answers["status", ONE] = says("running", NEW, version="v2")
    bench.hosts.answers["status", TWO] = says("running", NEW, version="v0")
    bench.up(inputs(instances=[ONE, TWO]), old)
    assert bench.actions() == [("status", [ONE, TWO]), ("deploy", [TWO])]


def test_when_a_host_that_joins_fails_the_others_keep_what_is_asked(bench: Bench) -> None:
    old = bench.up(inputs(instances=[ONE]))
    bench.hosts.sent.clear()
    bench.hosts.answers["status", ONE] = says("running", NEW, version="v2")
    bench.hosts.answers["status", TWO] = says("absent", None)
    bench.hosts.answers["deploy", TWO] = says("failed", None, detail="no Docker")
    error = failed(bench, inputs(instances=[ONE, TWO]), old)
    assert bench.actions() == [("status", [ONE, TWO]), ("deploy", [TWO])]
    assert error.running == {ONE: NEW, TWO: ""}


def test_a_host_that_joins_with_a_new_version_comes_last(bench: Bench) -> None:
    old = Old(inputs=inputs(instances=[TWO], digest=OLD), outputs={})
    bench.up(inputs(instances=[ONE, TWO], concurrency="1"), old)
    assert bench.actions() == [("deploy", [TWO]), ("deploy", [ONE])]


def test_an_old_agent_is_refused_by_name_and_nothing_is_sent(bench: Bench) -> None:
    bench.hosts.old = {TWO: "its agent is 3.2.0.0"}
    text = str(failed(bench, fleet()))
    assert f"{TWO}: its agent is 3.2.0.0; allowed: 3.3.2746.0 or newer" in text
    assert bench.hosts.sent == []


def test_more_hosts_than_one_command_takes_are_sent_batch_by_batch(bench: Bench) -> None:
    many = [f"i-{n:017x}" for n in range(120)]
    bench.up(inputs(instances=many))
    assert [len(hosts) for _, hosts in bench.actions()] == [50, 50, 20]
