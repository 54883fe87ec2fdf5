"""LambdaRollout: the alias moves to a version that answered, or stays, and the error says why."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from clients import lambda_, lambda_invoke
from provider import lambda_put_back, lambda_smoke, lambda_switch
from provider.lambda_inputs import check
from provider.lambda_rollout import LambdaRolloutError, LambdaRolloutResource
from provider.policy import Switched
from provider.resource import Call, Old
from provider.wire import UNKNOWN
from tests.fakes.functions import FakeLambda
from tests.fakes.lines import Lines
from tests.unit.test_provider_ecs import FakeConfigured

NEW, OLD = ("sha256:" + letter * 64 for letter in "ab")
REPOSITORY = "127.0.0.1:4510/dev/notifier"


def inputs(**more: Any) -> dict[str, Any]:
    return {
        "service": "notifier",
        "function": "notifier",
        "image": f"{REPOSITORY}:v2@{NEW}",
        "digest": NEW,
        "configuration": "a",
        "smoke": '{"ping": true}',
        "timeout": 2,
        **more,
    }


OLD_INPUTS = inputs(image=f"{REPOSITORY}:v1@{OLD}", digest=OLD)


class Bench:
    def __init__(self, fake: FakeLambda) -> None:
        self.fake = fake
        self.lines = Lines()
        self.switched = Switched()
        self.call = Call("urn", self.lines, threading.Event())
        configured: Any = FakeConfigured()
        self.resource = LambdaRolloutResource(configured, self.switched)

    def up(self, wanted: dict[str, Any] | None = None, old: Old | None = None) -> Old:
        wanted = wanted or inputs()
        outputs = self.resource.settle(self.call, wanted, old, False)[1]
        return Old(inputs=wanted, outputs=outputs)

    def fails(self, wanted: dict[str, Any] | None = None, old: Old | None = None) -> str:
        with pytest.raises(LambdaRolloutError) as error:
            self.up(wanted, old)
        return str(error.value)

    def diff(self, old: Old, wanted: dict[str, Any] | None = None) -> list[str]:
        return self.resource.diff(self.call, old, wanted or old.inputs).changed

    def live(self) -> str | None:
        """The version that the alias points at."""
        found = self.fake.aliases.get("live")
        return found["FunctionVersion"] if found else None


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    fake = FakeLambda(REPOSITORY, OLD)
    monkeypatch.setattr(lambda_, "client", lambda *_: fake)
    monkeypatch.setattr(lambda_invoke, "_patient", lambda *_: fake)
    monkeypatch.setattr(lambda_switch, "_POLL", (0.001, 0.002))
    monkeypatch.setattr(lambda_put_back, "_POLL", 0.001)
    monkeypatch.setattr(lambda_smoke, "_PAUSE", 0.001)
    monkeypatch.setattr(lambda_put_back, "_LIMIT", 0.1)
    return Bench(fake)


@pytest.fixture
def deployed(bench: Bench) -> Old:
    old = bench.up(OLD_INPUTS)
    bench.fake.calls.clear()
    bench.switched = bench.resource._switched = Switched()
    return old


def test_the_new_version_is_called_before_the_alias_moves(bench: Bench, deployed: Old) -> None:
    made = bench.up(old=deployed).outputs
    assert bench.fake.writes == [
        "update_function_code",
        "publish_version",
        "invoke",
        "update_alias",
    ]
    (code,) = bench.fake.of("update_function_code")
    assert (code["ImageUri"], code["Publish"]) == (f"{REPOSITORY}@{NEW}", False)
    (call,) = bench.fake.of("invoke")
    assert (call["Qualifier"], call["Payload"]) == ("2", b'{"ping": true}')
    assert (call["InvocationType"], call["LogType"]) == ("RequestResponse", "Tail")
    assert (made["verdict"], made["deployed_digest"]) == (f"running {NEW}", NEW)
    assert (made["function_version"], made["running"]) == ("2", {"live": NEW})
    assert made["seconds"].keys() == {"update", "publish", "smoke", "total"}


def test_the_first_rollout_makes_the_alias(bench: Bench) -> None:
    assert bench.up(OLD_INPUTS).outputs["function_version"] == "1"
    assert bench.fake.writes == ["publish_version", "invoke", "create_alias"]


def test_a_version_that_fails_at_the_smoke_event_leaves_the_alias_where_it_was(
    bench: Bench, deployed: Old
) -> None:
    bench.fake.behaviour[NEW] = "fails"
    text = bench.fails(old=deployed)
    assert text.startswith(
        f"notifier: the rollout of {NEW} failed\nput back to {OLD} (version 1): version 2 failed "
        "at the smoke event (Unhandled)"
    )
    assert 'answer: {"errorMessage": "KeyError: KEY"}' in text
    assert "log: no key" in text
    assert "\x1b" not in text
    assert bench.live() == "1"
    assert bench.fake.latest == OLD
    assert "update_alias" not in bench.fake.writes


def test_a_good_version_works_after_a_failed_one_and_then_nothing_is_left_to_do(
    bench: Bench, deployed: Old
) -> None:
    bench.fake.behaviour[NEW] = "fails"
    bench.fails(old=deployed)
    bench.fake.behaviour[NEW] = "good"
    made = bench.up(old=deployed)
    assert made.outputs["verdict"] == f"running {NEW}"
    assert bench.diff(made) == []


def test_a_version_that_does_not_answer_in_time_has_timed_out(bench: Bench, deployed: Old) -> None:
    bench.fake.behaviour[NEW] = "hangs"
    text = bench.fails(old=deployed)
    assert f"put back to {OLD} (version 1): timed out after 2 s: the smoke event: calling" in text
    assert len(bench.fake.of("invoke")) == 1


def test_a_call_that_lambda_throttles_is_repeated_and_no_other(bench: Bench, deployed: Old) -> None:
    bench.fake.refusals["invoke"] = ["TooManyRequestsException"]
    assert bench.up(old=deployed).outputs["deployed_digest"] == NEW
    bench.fake.refusals["invoke"] = ["ServiceException"]
    assert "the smoke event: " in bench.fails(inputs(again=True))
    assert bench.fake.refusals["invoke"] == []


def test_the_first_version_that_fails_leaves_no_alias(bench: Bench) -> None:
    bench.fake.behaviour[OLD] = "fails"
    assert "absent: version 1 failed at the smoke event" in bench.fails(OLD_INPUTS)
    assert bench.live() is None


@pytest.mark.fault(37, "409: Lambda's update is in progress")
def test_an_update_that_is_still_under_way_is_waited_for(bench: Bench, deployed: Old) -> None:
    bench.fake.busy = 5
    assert bench.up(old=deployed).outputs["deployed_digest"] == NEW
    bench.fake.busy = 10**9
    text = bench.fails(inputs(again=True, timeout=1))
    assert "timed out after 1 s: " in text
    assert "$LATEST is still Active, InProgress" in text


def test_an_image_that_lambda_does_not_take_is_tried_once(bench: Bench, deployed: Old) -> None:
    bench.fake.bad_images = {NEW}
    text = bench.fails(old=deployed)
    assert "Lambda could not take the image: the image is for arm64" in text
    assert len(bench.fake.of("update_function_code")) == 1


def test_a_change_by_somebody_else_in_between_is_looked_at_again(
    bench: Bench, deployed: Old
) -> None:
    bench.fake.refusals["update_function_code"] = [
        "PreconditionFailedException",
        "ResourceConflictException",
    ]
    assert bench.up(old=deployed).outputs["deployed_digest"] == NEW


def test_an_alias_that_somebody_else_moves_meanwhile_is_put_back(
    bench: Bench, deployed: Old
) -> None:
    bench.up(old=deployed)
    bench.fake.configuration = "b"
    bench.fake.meddler = "1"
    text = bench.fails(inputs(configuration="b"))
    assert "live runs version 1" in text
    assert "somebody else moved it meanwhile" in text
    assert bench.live() == "2"


def test_a_failure_after_the_alias_moved_moves_it_back(bench: Bench, deployed: Old) -> None:
    reads = bench.fake.get_alias

    def then_refused(**words: Any) -> dict[str, Any]:
        if bench.fake.of("update_alias") and not bench.fake.refusals.get("seen"):
            bench.fake.refusals["seen"] = ["x"]
            bench.fake.refusals["get_alias"] = ["AccessDeniedException"]
        return reads(**words)

    bench.fake.get_alias = then_refused  # type: ignore[method-assign]
    assert f"put back to {OLD} (version 1): reading the alias" in bench.fails(old=deployed)
    assert bench.live() == "1"
    assert bench.fake.latest == OLD


def test_a_cancelled_run_stops_and_puts_back(bench: Bench, deployed: Old) -> None:
    bench.call.cancelled.set()
    text = bench.fails(inputs(policy="together"), deployed)
    assert "cancelled before the new version was called" in text
    assert (bench.live(), bench.fake.latest) == ("1", OLD)


def test_a_function_that_is_not_there_is_named(bench: Bench) -> None:
    bench.fake.refusals["get_function"] = ["ResourceNotFoundException"]
    assert "there is no function notifier; nothing was changed" in bench.fails()
    assert bench.fake.writes == []


def test_another_configuration_is_a_new_version_of_the_same_image(
    bench: Bench, deployed: Old
) -> None:
    bench.fake.configuration = "b"
    changed = {**OLD_INPUTS, "configuration": "b"}
    assert bench.diff(deployed, changed) == ["configuration"]
    made = bench.up(changed, deployed)
    assert (made.outputs["function_version"], bench.live()) == ("2", "2")
    assert made.outputs["reason"] == "its configuration changed"


def test_an_alias_moved_behind_its_back_is_a_diff_with_its_reason(
    bench: Bench, deployed: Old
) -> None:
    made = bench.up(old=deployed)
    bench.fake.calls.clear()
    assert bench.diff(made) == []
    assert [name for name, _ in bench.fake.calls] == ["get_alias"]
    bench.fake.aliases["live"]["FunctionVersion"] = "1"
    assert bench.diff(made) == ["deployed_digest"]
    assert f"live points at version 1 ({OLD}) instead of version 2" in bench.lines.facts[-1]
    found = bench.resource.read(bench.call, made)
    assert found is not None
    assert (found["deployed_digest"], found["function_version"]) == (OLD, "1")
    assert bench.up(inputs(), made).outputs["deployed_digest"] == NEW


def test_an_alias_that_shares_its_calls_or_is_gone_is_a_diff(bench: Bench, deployed: Old) -> None:
    made = bench.up(old=deployed)
    weights = {"AdditionalVersionWeights": {"1": 0.1}}
    bench.fake.aliases["live"]["RoutingConfig"] = weights
    assert bench.diff(made) == ["deployed_digest"]
    assert "sends some calls to version 1 too" in bench.lines.facts[-1]
    del bench.fake.aliases["live"]
    assert bench.diff(made) == ["deployed_digest"]


@pytest.mark.parametrize(
    ("change", "diffs"),
    [
        ({"digest": UNKNOWN, "image": UNKNOWN}, ["image", "digest"]),
        ({"again": True}, ["again"]),
        ({"smoke": "{}", "timeout": 9, "policy": "together"}, []),
    ],
)
def test_what_is_a_diff_and_what_is_not(
    bench: Bench, deployed: Old, change: dict[str, Any], diffs: list[str]
) -> None:
    assert bench.diff(deployed, {**OLD_INPUTS, **change}) == diffs


def test_together_a_failure_is_a_verdict_and_a_switch_can_be_put_back_from_outside(
    bench: Bench, deployed: Old
) -> None:
    bench.fake.behaviour[NEW] = "fails"
    made = bench.up(inputs(policy="together"), deployed)
    assert made.outputs["verdict"].startswith(f"put back to {OLD} (version 1): version 2 failed")
    assert made.outputs["deployed_digest"] == OLD
    assert bench.diff(made) == ["deployed_digest"]
    bench.fake.behaviour[NEW] = "good"
    now = bench.up(inputs(policy="together"), made)
    verdict = bench.switched.switches()["notifier"](bench.call)
    assert (verdict.outcome, verdict.digest, bench.live()) == ("put-back", OLD, "1")
    assert bench.fake.latest == OLD
    assert bench.diff(now) == ["deployed_digest"]


def test_a_preview_asks_and_changes_nothing(bench: Bench) -> None:
    outputs = bench.resource.settle(bench.call, inputs(), None, True)[1]
    assert (outputs["deployed_digest"], outputs["function_version"]) == (NEW, UNKNOWN)
    assert bench.fake.calls == []


@pytest.mark.parametrize(
    ("change", "name", "said"),
    [
        ({"smoke": "{ping}"}, "smoke", "the smoke event is not JSON"),
        ({"alias": "12"}, "alias", "'12' is not an alias"),
        ({"function": ""}, "function", "function is missing"),
        ({"image": f"{REPOSITORY}:v2"}, "image", "Lambda runs digests, never tags"),
    ],
)
def test_inputs_that_are_wrong_are_named_with_what_is_allowed(
    change: dict[str, Any], name: str, said: str
) -> None:
    assert check(inputs()) == {}
    assert said in check(inputs(**change))[name]
