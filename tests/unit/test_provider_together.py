"""Together: one failed service puts all back that had switched, and the state tells the truth."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clients import ClientError, ecs, ecs_tasks, logs, ssm, ssm_fleet, task_definitions
from provider import ecs_before, ecs_watch
from provider.deployment import Deployment
from provider.ecs_rollout import EcsRolloutResource
from provider.host_rollout import HostRolloutError, HostRolloutResource
from provider.policy import Failure, Switched
from provider.resource import Call, Old
from provider.together import TogetherError, TogetherResource
from provider.verdict import Verdict
from release.record_text import new_id
from tests.fakes.bucket import FakeS3, store, use
from tests.fakes.ecs import FakeEcs, definition
from tests.fakes.lines import Lines
from tests.fakes.records import COMMIT
from tests.fakes.updates import deployment
from tests.unit import test_provider_ecs as on_ecs
from tests.unit import test_provider_host as on_hosts
from tests.unit.test_provider_ecs import ONE, REPOSITORY, TWO
from tests.unit.test_provider_host import NEW, OLD, FakeHosts, says

OLDER = f"sha256:{'e' * 64}"

HOST = on_hosts.inputs(policy="together", instances=[on_hosts.ONE])
ECS = on_ecs.inputs(policy="together")


class Estate:
    """A host service and an ECS service of one stack; each update has a plugin of its own."""

    def __init__(self, hosts: FakeHosts, fake: FakeEcs) -> None:
        self.hosts = hosts
        self.ecs = fake
        self.updates = 0
        self.begin()

    def begin(self, records: Deployment | None = None) -> None:
        """The next update, a minute later: what came after what is told by the second."""
        self.lines = Lines()
        self.call = Call("urn", self.lines, threading.Event())
        self.update = records or update_at(60 * self.updates)
        self.updates += 1
        configured: Any = on_ecs.FakeConfigured(self.update)
        switched = Switched()
        self.shop = HostRolloutResource(configured, switched)
        self.backend = EcsRolloutResource(configured, switched)
        self.together = TogetherResource(configured, switched)

    def up(self, shop: Old | None = None, backend: Old | None = None) -> tuple[Old, Old]:
        made = self.shop.settle(self.call, HOST, shop, False)[1]
        other = self.backend.settle(self.call, ECS, backend, False)[1]
        return Old(inputs=HOST, outputs=made), Old(inputs=ECS, outputs=other)

    def end(self, *services: Old) -> str:
        verdicts = {each.inputs["service"]: verdict_of(each) for each in services}
        made = self.together.settle(self.call, {"verdicts": verdicts}, None, False)[1]
        return str(made["verdict"])

    def diffs(self, shop: Old, backend: Old) -> tuple[list[str], list[str]]:
        return (
            self.shop.diff(self.call, shop, shop.inputs).changed,
            self.backend.diff(self.call, backend, backend.inputs).changed,
        )


def verdict_of(each: Old) -> dict[str, str]:
    names = ("verdict", "deployed_digest", "deployment")
    return {"digest": each.inputs["digest"], **{name: each.outputs[name] for name in names}}


@pytest.fixture
def estate(monkeypatch: pytest.MonkeyPatch) -> Estate:
    hosts, fake = FakeHosts(), FakeEcs(REPOSITORY)
    hosts.install(monkeypatch)
    fake.digests = {ONE: on_ecs.OLD, TWO: on_ecs.NEW}
    fake.runs(ONE, 1)
    for module in (ecs, ecs_tasks, logs, task_definitions):
        monkeypatch.setattr(module, "client", lambda *_: fake)
    for module in (ecs_watch, ecs_before):
        monkeypatch.setattr(module, "_POLL", (0.001, 0.002))
    use(monkeypatch)
    return Estate(hosts, fake)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    return use(monkeypatch)


def actions(estate: Estate) -> list[str]:
    return [each.parameters["action"] for each in estate.hosts.sent]


def test_nothing_is_put_back_when_all_run_what_was_asked(estate: Estate) -> None:
    services = estate.up()
    assert estate.end(*services) == "2 services run what was asked"
    assert actions(estate) == ["deploy"]
    estate.update.close(outcome="succeeded")
    estate.begin()
    assert estate.diffs(*services) == ([], [])


def test_a_host_that_had_switched_is_put_back_when_ecs_fails_and_the_next_diff_sees_it(
    estate: Estate,
) -> None:
    estate.ecs.behaviour[TWO] = "dies"
    estate.ecs.breaker = True
    estate.hosts.answers["restore", on_hosts.ONE] = says("put-back", OLD)
    shop, backend = estate.up()
    assert shop.outputs["verdict"] == f"running {NEW}"
    with pytest.raises(TogetherError) as error:
        estate.end(shop, backend)
    text = str(error.value)
    assert f"backend: the rollout of {on_ecs.NEW} failed" in text
    assert "log backend: no database" in text
    assert f"shop: had switched; put back to {OLD}" in text
    assert actions(estate) == ["deploy", "restore"]
    record = store().read("prod", estate.update.begin())
    assert record.outcome == "failed"
    assert (record.services["shop"].digest, record.services["backend"].digest) == (OLD, on_ecs.OLD)
    assert "no database" not in str(record.failure)
    estate.begin()
    assert estate.diffs(shop, backend) == (["deployed_digest"], ["task_definition"])
    assert f"failed, and it is put back to {OLD}" in " ".join(estate.lines.facts)


def test_a_good_update_after_that_switches_both_and_then_nothing_is_left_to_do(
    estate: Estate,
) -> None:
    estate.ecs.behaviour[TWO] = "dies"
    estate.ecs.breaker = True
    estate.hosts.answers["restore", on_hosts.ONE] = says("put-back", OLD)
    services = estate.up()
    with pytest.raises(TogetherError):
        estate.end(*services)
    estate.ecs.behaviour[TWO] = "good"
    estate.begin()
    services = estate.up(*services)
    assert estate.end(*services) == "2 services run what was asked"
    estate.update.close(outcome="succeeded")
    estate.begin()
    assert estate.diffs(*services) == ([], [])


def test_ecs_is_put_back_when_a_host_fails(estate: Estate) -> None:
    estate.hosts.answers["deploy", on_hosts.ONE] = says("put-back", OLD, detail="unhealthy")
    shop, backend = estate.up()
    assert shop.outputs["verdict"] == f"put back to {OLD}: {on_hosts.ONE}: unhealthy"
    assert shop.outputs["deployed_digest"] == OLD
    with pytest.raises(TogetherError, match=r"backend: had switched; put back to .*backend:1"):
        estate.end(shop, backend)
    assert (estate.ecs.rollouts[0].definition, estate.ecs.count) == (ONE, 1)
    estate.begin()
    assert estate.diffs(shop, backend) == (["deployed_digest"], ["task_definition"])


def test_a_first_deploy_is_put_back_to_nothing_and_seen_so(estate: Estate) -> None:
    estate.ecs.runs(TWO, 0)
    estate.hosts.answers["deploy", on_hosts.ONE] = says("failed", None, detail="unhealthy")
    shop, backend = estate.up()
    assert shop.outputs["verdict"] == f"absent: {on_hosts.ONE}: unhealthy"
    with pytest.raises(TogetherError, match="its desired count is now 0"):
        estate.end(shop, backend)
    estate.begin()
    assert estate.diffs(shop, backend) == (["deployed_digest"], ["count"])


def test_a_service_that_this_update_left_alone_is_not_put_back(estate: Estate) -> None:
    before, backend = estate.up()
    estate.end(before, backend)
    estate.update.close(outcome="succeeded")
    estate.begin()
    estate.ecs.behaviour[definition(3)] = "slow"
    estate.ecs.digests[definition(3)] = on_ecs.OLD
    wanted = on_ecs.inputs(
        policy="together",
        timeout=1,
        task_definition=definition(3),
        digest=on_ecs.OLD,
        image=f"{REPOSITORY}:v3@{on_ecs.OLD}",
    )
    failed = estate.backend.settle(estate.call, wanted, backend, False)[1]
    with pytest.raises(TogetherError, match="backend: the rollout"):
        estate.end(before, Old(inputs=wanted, outputs=failed))
    assert actions(estate) == ["deploy"]
    estate.begin()
    assert estate.diffs(before, backend)[0] == []


def test_a_host_put_back_to_other_settings_of_the_same_image_is_seen_too(estate: Estate) -> None:
    estate.ecs.behaviour[TWO] = "dies"
    estate.ecs.breaker = True
    estate.hosts.answers["restore", on_hosts.ONE] = says("put-back", NEW)
    shop, backend = estate.up()
    with pytest.raises(TogetherError):
        estate.end(shop, backend)
    estate.begin()
    assert estate.diffs(shop, backend)[0] == ["deployed_digest"]


def test_an_update_that_was_killed_is_not_trusted(estate: Estate) -> None:
    shop, backend = estate.up()
    estate.begin()
    changed, _ = estate.diffs(shop, backend)
    assert changed == ["deployed_digest"]
    assert "was ended before it was done" in estate.lines.facts[-1]


def test_a_record_that_is_gone_says_nothing(estate: Estate, bucket: FakeS3) -> None:
    shop, backend = estate.up()
    bucket.objects.clear()
    estate.begin()
    assert estate.diffs(shop, backend)[0] == []


def test_an_independent_host_asks_which_updates_were_killed_since_and_nothing_else(
    estate: Estate, bucket: FakeS3
) -> None:
    shop = alone(estate)
    estate.update.close(outcome="succeeded")
    estate.begin()
    bucket.calls.clear()
    assert estate.shop.diff(estate.call, shop, shop.inputs).changed == []
    asked = [call.split()[0] for call in bucket.calls]
    assert asked.count("list") == 1
    assert estate.shop.diff(estate.call, shop, shop.inputs).changed == []
    assert [call.split()[0] for call in bucket.calls] == asked, "once for all"
    estate.hosts.answers["deploy", on_hosts.ONE] = says("put-back", OLD)
    with pytest.raises(HostRolloutError):
        estate.shop.settle(estate.call, shop.inputs, None, False)


def test_what_runs_is_not_trusted_when_a_later_update_was_killed(estate: Estate) -> None:
    shop = alone(estate)
    estate.update.close(outcome="succeeded")
    update_at(1).open()
    estate.begin(update_at(2))
    assert estate.shop.diff(estate.call, shop, shop.inputs).changed == ["deployed_digest"]
    assert "never ended, and may have switched" in estate.lines.facts[-1]
    again = estate.shop.settle(estate.call, shop.inputs, shop, False)[1]
    assert estate.shop.diff(estate.call, shop, shop.inputs).changed == ["deployed_digest"]
    mended = Old(inputs=shop.inputs, outputs=again)
    assert estate.shop.diff(estate.call, mended, shop.inputs).changed == [], "it came after that"


@pytest.mark.parametrize(
    ("one", "two", "doubt"),
    [
        (says("put-back", NEW), says("put-back", NEW), ""),
        (says("put-back", OLDER), says("put-back", OLDER), f"put back to {OLDER}"),
        (says("absent", None, detail="no unit"), says("absent", None), "absent"),
        (says("running", OLD), says("put-back", NEW), "unknown"),
    ],
    ids=["put back", "put back to another", "absent", "one could not be put back"],
)
def test_what_runs_is_trusted_after_a_later_update_failed_if_it_was_put_back(
    estate: Estate, one: str, two: str, doubt: str
) -> None:
    shop = alone_before_another(estate)
    later = estate.update.begin()
    estate.hosts.answers["deploy", on_hosts.ONE] = one
    estate.hosts.answers["deploy", on_hosts.TWO] = two
    estate.hosts.answers["restore", on_hosts.ONE] = one
    with pytest.raises(HostRolloutError):
        estate.shop.settle(
            estate.call, on_hosts.inputs(digest=OLD, image=f"r/x@{OLD}"), shop, False
        )
    estate.begin(update_at(2))
    changed = estate.shop.diff(estate.call, shop, shop.inputs).changed
    assert changed == (["deployed_digest"] if doubt else [])
    told = f"an update since then ({later}) failed, and it is {doubt}"
    assert not doubt or told in estate.lines.facts[-1]


def test_what_runs_is_trusted_after_a_later_update_that_changed_nothing(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = alone_before_another(estate)
    with monkeypatch.context() as patch:
        patch.setattr(
            ssm_fleet, "offline", lambda access, ids: dict.fromkeys(ids, "ConnectionLost")
        )
        with pytest.raises(HostRolloutError, match="nothing was changed"):
            estate.shop.settle(estate.call, on_hosts.inputs(digest=OLD), shop, False)
    estate.begin(update_at(2))
    assert estate.shop.diff(estate.call, shop, shop.inputs).changed == []


def test_what_runs_is_not_trusted_after_a_later_update_that_was_cut_off(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = alone_before_another(estate)
    with monkeypatch.context() as patch:
        patch.setattr(ssm, "wait", refusing("the AWS credentials have expired"))
        with pytest.raises(ClientError, match="expired"):
            estate.shop.settle(estate.call, on_hosts.inputs(digest=OLD), shop, False)
    estate.begin(update_at(2))
    assert estate.shop.diff(estate.call, shop, shop.inputs).changed == ["deployed_digest"]
    assert "it is unknown: the AWS credentials have expired" in estate.lines.facts[-1]


def test_a_later_update_that_failed_or_succeeded_is_trusted(estate: Estate) -> None:
    shop = alone(estate)
    estate.update.close(outcome="succeeded")
    for second, (outcome, why) in enumerate({"failed": "no", "succeeded": None}.items(), 1):
        update_at(second).close(outcome=outcome, failure=why)
        estate.begin()
        assert estate.shop.diff(estate.call, shop, shop.inputs).changed == []


def test_a_later_record_that_is_none_is_taken_as_one_of_a_killed_update(
    estate: Estate, bucket: FakeS3
) -> None:
    shop = alone(estate)
    estate.update.close(outcome="succeeded")
    later = update_at(1)
    later.open()
    key = f"records/prod/{later.begin()}.json"
    bucket.objects[key] = b"{"
    bucket.checksums.pop(key)
    estate.begin(update_at(2))
    assert estate.shop.diff(estate.call, shop, shop.inputs).changed == ["deployed_digest"]


def alone(estate: Estate) -> Old:
    """A host service that is deployed on its own."""
    wanted = on_hosts.inputs()
    return Old(inputs=wanted, outputs=estate.shop.settle(estate.call, wanted, None, False)[1])


def alone_before_another(estate: Estate) -> Old:
    """The same, whose update has succeeded; the next one has begun."""
    shop = alone(estate)
    estate.update.close(outcome="succeeded")
    estate.begin(update_at(1))
    return shop


def update_at(second: int) -> Deployment:
    """An update that begins so many seconds from now."""
    update = deployment()
    update.begin()
    assert update._begun is not None
    later = datetime.now(UTC) + timedelta(seconds=second)
    update._begun.id = new_id(COMMIT, later, "abcdef")
    return update


def refusing(why: str) -> Callable[..., Any]:
    """What raises ClientError when it is called."""

    def refuses(*_: Any, **__: Any) -> Any:
        raise ClientError(why)

    return refuses


def test_every_service_that_can_t_be_put_back_is_named_beside_the_others(estate: Estate) -> None:
    refuses = refusing("its hosts are offline")
    switched = Switched()
    switched.add("one", refuses)
    switched.add("two", lambda call: Verdict(outcome="put-back", digest=OLD))
    switched.add_failure("three", Failure(report="three: failed\n    log: x", brief="three: f"))
    configured: Any = on_ecs.FakeConfigured(estate.update)
    together = TogetherResource(configured, switched)
    with pytest.raises(TogetherError) as error:
        together.settle(estate.call, {"verdicts": {}}, None, False)
    text = str(error.value)
    assert "one: had switched; unknown: could not be put back: its hosts are offline" in text
    assert f"two: had switched; put back to {OLD}" in text
    assert "three: failed\n    log: x" in text
    assert "log: x" not in error.value.brief


def test_a_preview_of_together_does_nothing(estate: Estate) -> None:
    made = estate.together.settle(estate.call, {"verdicts": {}}, None, True)
    assert made[0] == ""
    assert "verdicts" in estate.together.check({})
    assert "verdicts" in estate.together.check({"verdicts": {"a": {"verdict": "running"}}})
