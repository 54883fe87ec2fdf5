"""The record of an update is opened before the first host is touched, and names each failure."""

from __future__ import annotations

import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clients import ssm
from provider import origin
from provider.configured import Configuration, Configured
from provider.deployment import Deployment, HeldError
from provider.host_rollout import HostRolloutError
from provider.resource import Old
from release.record import Hold
from tests.fakes.bucket import FakeS3, store, use
from tests.fakes.records import COMMIT, D2, pointer_to, record, service
from tests.fakes.updates import deployment
from tests.unit.test_provider_host import NEW, OLD, ONE, TWO, Bench, FakeHosts, inputs, says


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    return use(monkeypatch)


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> FakeHosts:
    made = FakeHosts()
    made.install(monkeypatch)
    return made


def test_an_id_is_given_without_asking_anybody(bucket: FakeS3) -> None:
    update = deployment()
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: update.begin(), range(50)))
    assert len(ids) == 1
    assert COMMIT[:7] in ids.pop()
    assert bucket.calls == []
    assert deployment().begin() != update.begin()


def test_a_record_is_opened_once_however_many_ask(bucket: FakeS3) -> None:
    update = deployment()
    update.begin("v1.2.0")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: update.open(), range(20)))
    assert bucket.written() == [f"records/prod/{update.begin()}.json"]
    made = store().read("prod", update.begin())
    assert (made.outcome, made.version, made.finished) == ("open", "v1.2.0", None)
    assert (made.commit, made.checkout) == (COMMIT, COMMIT)


def test_without_a_bucket_all_of_it_does_nothing(bucket: FakeS3, hosts: FakeHosts) -> None:
    made = Bench(hosts, Deployment(None)).up(inputs())
    assert made.outputs["deployment"] == ""
    assert bucket.calls == []


def test_the_record_is_open_before_a_host_is_touched(
    bucket: FakeS3, hosts: FakeHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = deployment()
    seen: list[str] = []
    send = hosts.send

    def watched(*words: object) -> str:
        seen.append(store().read("prod", update.begin()).outcome)
        return send(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(ssm, "send", watched)
    made = Bench(hosts, update).up(inputs(release="v1.2.0"))
    assert seen == ["open"]
    assert made.outputs["deployment"] == update.begin()
    entry = update.close(outcome="succeeded").services["shop"]
    assert (entry.digest, entry.target, entry.deployment) == (NEW, "host", update.begin())
    assert entry.reason == "it was not deployed before"


def test_a_rollout_that_fails_is_named_without_what_the_service_printed(
    bucket: FakeS3, hosts: FakeHosts
) -> None:
    update = deployment()
    hosts.logs = "password=hunter2\n"
    hosts.answers["deploy", ONE] = says("put-back", OLD, detail="never became healthy")
    with pytest.raises(HostRolloutError, match="hunter2"):
        Bench(hosts, update).up(inputs(instances=[ONE]))
    made = store().read("prod", update.begin())
    assert made.outcome == "failed"
    entry = made.services["shop"]
    assert (entry.digest, entry.deployment) == (OLD, update.begin())
    assert entry.verdict == f"put back to {OLD}: {ONE}: never became healthy"
    assert made.failure == (
        f"shop: the rollout of {NEW} failed\n{ONE}: put back to {OLD}: never became healthy"
    )
    assert b"hunter2" not in b"".join(bucket.objects.values())


def test_every_service_that_fails_is_in_the_record_beside_those_that_did_not(
    bucket: FakeS3,
) -> None:
    update = deployment()
    update.open()
    update.note("good", service())
    assert update.fail("one", "one: first") == ""
    assert update.fail("two", "second") == ""
    made = store().read("prod", update.begin())
    assert (made.failure, list(made.services)) == ("one: first\ntwo: second", ["good"])


def test_a_failure_is_not_hidden_by_a_record_that_can_t_be_written(
    bucket: FakeS3, hosts: FakeHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(hosts, deployment())
    hosts.answers["deploy", ONE] = says("put-back", OLD)
    wait = hosts.wait

    def then_s3_fails(*words: object, **more: object) -> object:
        bucket.failing = ["AccessDenied"]
        return wait(*words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ssm, "wait", then_s3_fails)
    with pytest.raises(HostRolloutError, match="put back"):
        bench.up(inputs(instances=[ONE]))
    assert "the record of this update could not be written" in bench.lines.facts[-1]
    assert "AccessDenied" in bench.lines.facts[-1]


def test_a_held_stack_s_hosts_are_not_touched(bucket: FakeS3, hosts: FakeHosts) -> None:
    hold = Hold(who="ada", why="broken", since="2026-11-21T07:00:00Z", version="v1.1.0")
    store().move(pointer_to(record(version="v1.1.0"), hold=hold), None)
    bucket.calls.clear()
    with pytest.raises(HeldError, match=r"v1\.2\.0 is not deployed"):
        Bench(hosts, deployment()).up(inputs(release="v1.2.0"))
    assert (hosts.sent, bucket.written()) == ([], [])
    Bench(hosts, deployment()).up(inputs(release="v1.1.0"))
    Bench(hosts, deployment(SLIPWAY_HOLD="worse")).up(inputs(release="v1.2.0"))
    assert len(hosts.sent) == 2


def test_the_pointer_is_asked_for_once_a_process(bucket: FakeS3, hosts: FakeHosts) -> None:
    bench = Bench(hosts, deployment())
    bench.up(inputs())
    bench.up(inputs(service="shop"))
    assert bucket.calls.count("get records/prod/current.json") == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"digest": OLD, "image": f"r/x@{OLD}"}, f"{NEW[:19]} becomes {OLD[:19]}"),
        ({"image": f"r/x:v3@{NEW}"}, "its image has another name"),
        ({"fingerprint": "f2"}, "its settings changed"),
        ({"document_hash": "0" * 64}, "the deploy document changed"),
        ({"instances": [TWO]}, "it runs on other hosts"),
        ({}, "it was asked for again"),
    ],
)
def test_a_rollout_says_why_it_was_done(
    hosts: FakeHosts, change: dict[str, object], why: str
) -> None:
    bench = Bench(hosts)
    old = bench.up(inputs())
    shown = bench.resource.settle(bench.call, inputs(**change), old, True)[1]
    assert shown["reason"] == why
    drifted = Old(inputs=old.inputs, outputs={**old.outputs, "deployed_digest": D2})
    said = bench.resource.settle(bench.call, inputs(), drifted, True)[1]["reason"]
    assert said == f"it ran {D2[:19]} instead"


def test_who_and_where_are_the_ci_s_or_this_machine_s() -> None:
    github = {
        "GITHUB_ACTOR": "ada",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_RUN_ID": "42",
        "GITHUB_TOKEN": "canary",
    }
    assert origin.who(github) == "ada"
    assert origin.where(github) == "https://github.com/acme/shop/actions/runs/42"
    assert origin.who({}).endswith(f"@{socket.gethostname()}")
    for wrong in ({}, {**github, "GITHUB_RUN_ID": "4 2\x1b[2J"}, {"GITHUB_RUN_ID": "1"}):
        assert origin.where(wrong) == socket.gethostname()


def test_a_record_holds_nothing_else_of_the_environment(
    bucket: FakeS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "PULUMI_CONFIG_PASSPHRASE"):
        monkeypatch.setenv(name, "canary-7f3a")
    update = deployment(**{k: v for k, v in os.environ.items() if k != "SLIPWAY_HOLD"})
    update.open()
    update.fail("shop", "it broke")
    assert b"canary" not in b"".join(bucket.objects.values())
    assert json.loads(next(iter(bucket.objects.values())))["outcome"] == "failed"


def test_records_are_kept_only_by_a_provider_that_is_told_where() -> None:
    told = {"region": "eu-west-1", "project": "slipway", "stack": "prod", "bucket": "b"}
    assert Configured(Configuration.of(told), Path(".")).deployment.kept
    for name in ("project", "stack", "bucket"):
        less = {key: value for key, value in told.items() if key != name}
        assert not Configured(Configuration.of(less), Path(".")).deployment.kept
