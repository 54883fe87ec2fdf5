"""Record: the last resource closes the record and moves the pointer, once, from where it was."""

from __future__ import annotations

from typing import Any

import pytest

from clients import ClientError
from clients.record_store import NotCurrentError
from provider.deployment import HeldError
from provider.record import RecordResource
from provider.resource import Old
from provider.wire import UNKNOWN
from release.record import Pointer, Record
from tests.fakes.bucket import FakeS3, store, use
from tests.fakes.records import COMMIT, D1, D2
from tests.fakes.updates import Update, inputs


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    return use(monkeypatch)


def current() -> tuple[Pointer, Record]:
    found = store().pointer("prod")
    assert found is not None
    return found[0], store().read("prod", found[0].record)


def test_an_update_leaves_a_record_that_the_pointer_names(bucket: FakeS3) -> None:
    made = Update().up(inputs("v1.2.0", names=["v1.2.0"], source={"commit": "e" * 40}))
    pointer, record = current()
    assert made.outputs == {"record": record.id, "previous": "", "held": "false"}
    assert (pointer.version, pointer.hold, pointer.stack) == ("v1.2.0", None, "prod")
    assert (record.outcome, record.who, record.commit) == ("succeeded", "ada", COMMIT)
    assert record.finished is not None
    assert record.finished >= record.started
    assert record.images["shop"].digest == D1
    assert record.services["shop"].seconds == {"total": 2}
    assert record.source is not None
    assert record.source.commit == "e" * 40
    assert [key.split("/")[-1] for key in bucket.written()][-1] == "current.json"


def test_records_name_the_one_before(bucket: FakeS3) -> None:
    first = Update().up(inputs("v1.1.0"))
    second = Update().up(inputs("v1.2.0", D2), first)
    assert second.outputs["previous"] == first.outputs["record"]
    assert current()[1].previous == first.outputs["record"]


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({}, []),
        ({"commit": "e" * 40, "names": ["other"], "hold": "why"}, []),
        ({"images.reason": "other words", "services.verdict": "other words"}, []),
        ({"source": {"commit": "e" * 40}, "bundle": {"bucket": "b"}}, []),
        ({"version": "v1.3.0"}, ["version"]),
        ({"images.digest": D2}, ["images"]),
        ({"images.digest": UNKNOWN}, ["images"]),
        ({"images.tag": "v1.2.1"}, ["images"]),
        ({"images.deployment": "20261121T071935Z-7d2a1b0-ffffff"}, ["images"]),
        ({"services.digest": D2}, ["services"]),
        ({"services.deployment": UNKNOWN}, ["services"]),
        ({"services": {}}, ["services"]),
        ({"services": UNKNOWN}, ["services"]),
    ],
)
def test_what_is_a_diff_and_what_is_not(
    bucket: FakeS3, change: dict[str, Any], asked: list[str]
) -> None:
    old = Update().up(inputs("v1.2.0"))
    wanted = inputs("v1.2.0")
    for path, value in change.items():
        group, _, part = path.partition(".")
        if part:
            wanted[group]["shop"][part] = value
        else:
            wanted[group] = value
    bucket.calls.clear()
    update = Update()
    assert update.resource.diff(update.call, old, wanted).changed == asked
    assert bucket.calls == ["get records/prod/current.json"]


def test_a_pointer_that_another_state_has_moved_is_a_diff(bucket: FakeS3) -> None:
    old = Update().up(inputs("v1.2.0"))
    theirs = Update().up(inputs("v1.3.0", D2))
    update = Update()
    assert update.resource.diff(update.call, old, inputs("v1.2.0")).changed == ["record"]
    assert theirs.outputs["record"] in update.lines.facts[-1]
    bucket.objects.clear()
    again = Update()
    assert again.resource.diff(again.call, old, inputs("v1.2.0")).changed == ["record"]
    assert "the current record is missing" in again.lines.facts[-1]


def test_a_preview_writes_nothing_and_says_what_kind_of_update_it_is(bucket: FakeS3) -> None:
    update = Update()
    assert update.preview(inputs("v1.2.0")) == {"record": UNKNOWN, "previous": "", "held": "false"}
    assert update.lines.facts == ["the first record of this stack: v1.2.0"]
    assert bucket.written() == []
    made = Update().up(inputs("v1.2.0"))
    bucket.calls.clear()
    for version, said in (
        ("v1.10.0", "v1.10.0 after v1.2.0"),
        ("v1.2.0", "v1.2.0 again"),
        ("v1.1.0", "a rollback from v1.2.0 to v1.1.0; newer updates are refused from then on"),
        (None, "a change after v1.2.0"),
    ):
        shown = Update()
        outputs = shown.preview(inputs(version))
        assert shown.lines.facts == [said]
        assert outputs["previous"] == made.outputs["record"]
        assert outputs["held"] == ("true" if version == "v1.1.0" else "false")
    assert bucket.written() == []


def test_an_unknown_version_is_not_judged(bucket: FakeS3) -> None:
    update = Update()
    assert update.preview(inputs(UNKNOWN))["held"] == UNKNOWN
    assert update.lines.facts == []


def test_an_older_version_is_a_rollback_and_holds_the_stack(bucket: FakeS3) -> None:
    old = Update().up(inputs("v1.10.0"))
    back = Update()
    assert back.up(inputs("v1.9.0", D2), old).outputs["held"] == "true"
    pointer, record = current()
    assert record.rollback
    assert pointer.hold is not None
    assert (pointer.hold.who, pointer.hold.why) == ("ada", "rolled back by pulumi up")
    assert pointer.hold.version == "v1.9.0"
    assert "slipway resume prod" in back.lines.facts[-1]


def test_a_hold_refuses_what_is_newer_before_anything_is_written(bucket: FakeS3) -> None:
    Update().up(inputs("v1.2.0"))
    Update(SLIPWAY_HOLD="the basket is empty").up(inputs("v1.1.0", D2))
    bucket.calls.clear()
    with pytest.raises(HeldError) as error:
        Update().up(inputs("v1.3.0"))
    text = str(error.value)
    assert text.startswith("prod is held at v1.1.0 by ada since 20")
    assert "the basket is empty. So v1.3.0 is not deployed. `slipway resume prod`" in text
    assert bucket.written() == []
    shown = Update()
    assert shown.preview(inputs("v1.3.0"))["held"] == "true"
    assert "`pulumi up` will refuse this" in shown.lines.facts[-1]


def test_a_hold_lets_the_same_and_older_versions_pass_and_stays(bucket: FakeS3) -> None:
    Update().up(inputs("v1.2.0"))
    Update(SLIPWAY_HOLD="first").up(inputs("v1.1.0", D2))
    Update().up(inputs("v1.1.0", D2, names=["again"]))
    hold = current()[0].hold
    assert hold is not None
    assert hold.why == "first"
    Update().up(inputs("v1.0.0"))
    hold = current()[0].hold
    assert hold is not None
    assert (hold.why, hold.version) == ("rolled back by pulumi up", "v1.0.0")


def test_after_the_hold_is_lifted_the_next_release_goes_on(bucket: FakeS3) -> None:
    Update().up(inputs("v1.2.0"))
    Update().up(inputs("v1.1.0", D2))
    assert store().lift("prod") is not None
    assert Update().up(inputs("v1.3.0")).outputs["held"] == "false"
    assert current()[0].hold is None


def test_without_versions_only_a_rollback_passes_a_hold(bucket: FakeS3) -> None:
    Update().up(inputs())
    Update(SLIPWAY_HOLD="broken").up(inputs(digest=D2))
    assert current()[1].rollback
    with pytest.raises(HeldError, match="So nothing is changed"):
        Update().up(inputs())
    Update(SLIPWAY_HOLD="still broken").up(inputs())
    hold = current()[0].hold
    assert hold is not None
    assert hold.why == "still broken"


@pytest.mark.fault(10, "an older update ends later")
def test_a_late_older_run_does_not_move_the_pointer_back(bucket: FakeS3) -> None:
    Update().up(inputs("v1.1.0"))
    late = Update()
    late.deployment.begin("v1.2.0")
    late.deployment.open()
    newer = Update(GITHUB_ACTOR="grace").up(inputs("v1.3.0", D2))
    with pytest.raises(NotCurrentError, match="made v1\\.3\\.0 current by grace"):
        late.up(inputs("v1.2.0"))
    pointer, record = current()
    assert record.id == newer.outputs["record"]
    assert pointer.version == "v1.3.0"
    failed = store().read("prod", late.deployment.begin())
    assert failed.outcome == "failed"
    assert failed.failure is not None
    assert "v1.3.0 current by grace" in failed.failure


def test_the_state_s_empty_texts_are_no_entries(bucket: FakeS3) -> None:
    wanted = inputs("v1.2.0")
    wanted["services"]["shop"] |= {"deployment": "", "reason": "two\nlines"}
    Update().up(wanted)
    entry = current()[1].services["shop"]
    assert (entry.deployment, entry.reason) == (None, "two lines")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("version", "v1;id", "version: String should match"),
        ("commit", "HEAD", "commit: String should match"),
        ("images", {"shop": {"digest": D1}}, "images.shop.repository: Field required"),
        ("services", {"shop": {"target": "host"}}, "services.shop.image: Field required"),
        ("images", {"shop": "text"}, "mappings of mappings"),
        ("surprise", "x", "surprise: Extra inputs are not permitted"),
    ],
)
def test_bad_inputs_are_named(name: str, value: Any, said: str) -> None:
    wrong = Update().resource.check({**inputs("v1.2.0"), name: value})
    assert list(wrong) == [name]
    assert said in wrong[name]


def test_unknown_inputs_are_not_judged() -> None:
    assert Update().resource.check(inputs("v1.2.0", services=UNKNOWN)) == {}


def test_a_refresh_leaves_the_record_as_it_is(bucket: FakeS3) -> None:
    update = Update()
    old = update.up(inputs("v1.2.0"))
    assert isinstance(update.resource, RecordResource)
    assert update.resource.read(update.call, Old(inputs=old.inputs, outputs=old.outputs)) == (
        old.outputs
    )


def test_a_record_that_is_left_open_is_closed_as_failed_when_the_plugin_ends(
    bucket: FakeS3,
) -> None:
    update = Update()
    update.resource.end(update.call)
    assert bucket.objects == {}, "nothing was begun"
    with update.deployment.acting(update.call, "shop", None):
        update.resource.end(update.call)
        assert store().read("prod", update.deployment.begin()).outcome == "open", "at work"
    update.resource.end(update.call)
    record = store().read("prod", update.deployment.begin())
    assert record.outcome == "failed"
    assert "ended before all of it was done" in str(record.failure)
    assert record.finished is not None
    assert store().pointer("prod") is None


def test_a_record_that_is_closed_stays_as_it_is_when_the_plugin_ends(bucket: FakeS3) -> None:
    update = Update()
    update.up(inputs("v1.2.0"))
    before = dict(bucket.objects)
    update.resource.end(update.call)
    assert bucket.objects == before


def test_a_record_that_can_t_be_closed_when_the_plugin_ends_is_a_warning(
    bucket: FakeS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = Update()
    update.deployment.open()

    def refuses(record: Record) -> None:
        raise ClientError("access is denied")

    monkeypatch.setattr(update.deployment.store, "close", refuses)
    update.resource.end(update.call)
    assert (
        "warning: the record of this update could not be written: access is denied"
        in update.lines.facts[-1]
    )
