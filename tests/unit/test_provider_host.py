"""HostRollout: all hosts run what was asked, or all are back and the error says which did what."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from clients import ssm, ssm_fleet
from clients.aws import AwsAccess
from clients.ssm import Command, Invocation
from provider import host_ready
from provider.deployment import Deployment
from provider.host_rollout import HostRolloutError, HostRolloutResource
from provider.resource import Call, Old
from provider.wire import UNKNOWN
from tests.fakes.lines import Lines

ONE, TWO, THREE = (f"i-{n:017x}" for n in (1, 2, 3))
NEW, OLD = ("sha256:" + letter * 64 for letter in "ab")
IMAGE = f"127.0.0.1:4510/dev/shop:v2@{NEW}"


def inputs(**more: Any) -> dict[str, Any]:
    return {
        "service": "shop",
        "kind": "service",
        "instances": [ONE, TWO],
        "document": "deploy",
        "document_hash": "f" * 64,
        "bucket": "bundles",
        "bundle_key": "bundles/dev/b.tar.gz",
        "bundle_sha256": "e" * 64,
        "image": IMAGE,
        "digest": NEW,
        "version": "v2",
        "fingerprint": "f1",
        "timeout": 60,
        **more,
    }


def says(outcome: str, digest: str | None, **more: Any) -> str:
    line = {"slipway": 1, "service": "shop", "outcome": outcome, "digest": digest, **more}
    return json.dumps(line)


class FakeHosts:
    """What each host answers to each action: the last line of its output, or a status."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], str] = {}
        self.silent: list[dict[str, str]] = []
        self.old: dict[str, str] = {}
        self.sent: list[Command] = []
        self.logs = "log line 1\nlog line 2\n"

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """In the place of Systems Manager."""
        for module, names in ((ssm_fleet, ("offline", "outdated")), (ssm, ("send", "wait"))):
            for name in names:
                monkeypatch.setattr(module, name, getattr(self, name))

    def offline(self, access: AwsAccess, instances: Sequence[str]) -> dict[str, str]:
        return self.silent.pop(0) if self.silent else {}

    def outdated(self, access: AwsAccess, instances: Sequence[str]) -> dict[str, str]:
        return self.old

    def send(self, access: AwsAccess, command: Command) -> str:
        self.sent.append(command)
        return str(len(self.sent) - 1)

    def wait(
        self, access: AwsAccess, command_id: str, instances: Sequence[str], **more: Any
    ) -> Mapping[str, Invocation]:
        action = self.sent[int(command_id)].parameters["action"]
        return {each: self._end(action, each) for each in instances}

    def _end(self, action: str, instance: str) -> Invocation:
        line = self.answers.get((action, instance), says("running", NEW, version="v2"))
        if not line.startswith("{"):
            return Invocation(instance=instance, status=line, code=-1, stdout=self.logs)
        good = json.loads(line)["outcome"] == "running"
        return Invocation(
            instance=instance,
            status="Success" if good else "Failed",
            code=0 if good else 1,
            stdout=f"{self.logs}{line}\n",
        )


class FakeConfigured:
    access = AwsAccess(region="eu-west-1")

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment

    def check_account(self) -> None:
        pass


class Bench:
    def __init__(self, hosts: FakeHosts, deployment: Deployment | None = None) -> None:
        self.hosts = hosts
        self.lines = Lines()
        self.call = Call("urn", self.lines, threading.Event())
        self.resource = HostRolloutResource(
            FakeConfigured(deployment or Deployment(None))  # type: ignore[arg-type]
        )

    def up(self, wanted: dict[str, Any], old: Old | None = None) -> Old:
        outputs = self.resource.settle(self.call, wanted, old, False)[1]
        return Old(inputs=wanted, outputs=outputs)

    def actions(self) -> list[tuple[str, list[str]]]:
        return [(each.parameters["action"], list(each.instances)) for each in self.hosts.sent]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    hosts = FakeHosts()
    hosts.install(monkeypatch)
    return Bench(hosts)


def test_all_hosts_get_one_command_with_every_parameter(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Deployment, "who", "ann; id@laptop")
    bench.up(inputs())
    (command,) = bench.hosts.sent
    assert list(command.instances) == [ONE, TWO]
    assert (command.document, command.document_hash) == ("deploy", "f" * 64)
    assert command.parameters == {
        "action": "deploy",
        "service": "shop",
        "kind": "service",
        "bucket": "bundles",
        "key": "bundles/dev/b.tar.gz",
        "sha256": "e" * 64,
        "version": "v2",
        "image": IMAGE,
        "timeout": "60",
        "region": "eu-west-1",
        "by": "ann--id@laptop",
    }


def test_the_verdict_is_what_the_hosts_say_they_run(bench: Bench) -> None:
    slow = says("running", NEW, version="v2", seconds={"pull": 3.5, "health": 1})
    bench.hosts.answers["deploy", TWO] = slow
    made = bench.up(inputs()).outputs
    assert made["verdict"] == f"running {NEW}"
    assert made["running"] == {ONE: NEW, TWO: NEW}
    assert made["deployed_digest"] == NEW
    assert made["seconds"]["pull"] == 3.5
    assert made["seconds"]["total"] >= 0
    assert bench.up(inputs(kind="job")).outputs["verdict"] == f"completed {NEW}"


def test_a_host_that_succeeds_with_another_digest_is_a_failure(bench: Bench) -> None:
    bench.hosts.answers["deploy", ONE] = says("running", OLD)
    with pytest.raises(HostRolloutError, match=OLD):
        bench.up(inputs(instances=[ONE]))


def test_hosts_that_had_switched_are_put_back_when_another_one_fails(bench: Bench) -> None:
    bench.hosts.answers["deploy", TWO] = says("put-back", OLD, detail="never became healthy")
    bench.hosts.answers["restore", ONE] = says("put-back", OLD)
    with pytest.raises(HostRolloutError) as error:
        bench.up(inputs())
    assert bench.actions() == [("deploy", [ONE, TWO]), ("restore", [ONE])]
    assert bench.hosts.sent[1].parameters["version"] == "v2"
    text = str(error.value)
    assert text.startswith(f"shop: the rollout of {NEW} failed")
    assert f"{ONE}: had switched; put back to {OLD}" in text
    assert f"{TWO}: put back to {OLD}: never became healthy" in text
    assert "    log line 2" in text


def test_a_first_deploy_that_fails_leaves_nothing_to_put_back(bench: Bench) -> None:
    bench.hosts.answers["deploy", ONE] = says("failed", None, detail="unhealthy")
    with pytest.raises(HostRolloutError, match=f"{ONE}: absent: unhealthy"):
        bench.up(inputs(instances=[ONE]))
    assert bench.actions() == [("deploy", [ONE])]


def test_a_host_without_an_answer_is_asked_what_it_runs_before_it_is_put_back(
    bench: Bench,
) -> None:
    bench.hosts.answers["deploy", ONE] = "InProgress"
    bench.hosts.answers["deploy", TWO] = "DeliveryTimedOut"
    bench.hosts.answers["status", TWO] = says("running", OLD, version="v1")
    bench.hosts.answers["restore", ONE] = says("put-back", OLD)
    with pytest.raises(HostRolloutError) as error:
        bench.up(inputs())
    assert bench.actions() == [
        ("deploy", [ONE, TWO]),
        ("status", [ONE, TWO]),
        ("restore", [ONE]),
    ]
    assert "still InProgress at the deadline" in str(error.value)
    assert "did not take the command in time" in str(error.value)


@pytest.mark.fault(16, "an agent is ConnectionLost")
def test_a_known_host_that_is_offline_fails_at_once_and_nothing_is_sent(bench: Bench) -> None:
    bench.hosts.silent = [{TWO: "its agent is ConnectionLost"}]
    old = Old(inputs=inputs(), outputs={})
    with pytest.raises(HostRolloutError, match=f"{TWO}: its agent is ConnectionLost"):
        bench.up(inputs(), old)
    assert bench.hosts.sent == []


def test_a_new_host_is_given_time_to_boot(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.hosts.silent = [{ONE: "Systems Manager does not know it"}]
    assert bench.up(inputs()).outputs["deployed_digest"] == NEW
    assert bench.hosts.silent == []
    bench.hosts.silent = [{ONE: "Systems Manager does not know it"}]
    monkeypatch.setattr(host_ready, "BOOT", -1.0)
    with pytest.raises(HostRolloutError, match=f"{ONE}: Systems Manager does not know it"):
        bench.up(inputs())


def test_a_preview_sends_nothing(bench: Bench) -> None:
    outputs = bench.resource.settle(bench.call, inputs(), None, True)[1]
    assert outputs["deployed_digest"] == NEW
    assert outputs["verdict"] == UNKNOWN
    assert outputs["deployment"] == UNKNOWN
    assert outputs["reason"] == "it was not deployed before"
    unknown = bench.resource.settle(bench.call, inputs(digest=UNKNOWN), None, True)[1]
    assert unknown["deployed_digest"] == UNKNOWN
    assert bench.hosts.sent == []
