"""Records and pointers are written under conditions, and read without being trusted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clients.aws import AwsError
from clients.record_store import NotCurrentError, RecordError
from release.record import Hold
from release.record_text import plain, plain_lines
from tests.fakes.bucket import FakeS3, store, use
from tests.fakes.records import COMMIT, D1, D2, NOW, image, pointer_to, record, service

HOLD = Hold(who="ada", why="the basket is empty", since="2026-11-21T07:00:00Z", version="v1.1.0")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    return use(monkeypatch)


def test_a_record_is_read_as_it_was_written(bucket: FakeS3) -> None:
    made = record(
        version="v1.2.0",
        names=("v1.2.0",),
        images={"shop": image(inputs={"services/shop": "f" * 40}, key="ab" * 20)},
        services={"shop": service(seconds={"pull": 1.5, "total": 2})},
    )
    store().open(made)
    assert store().read("prod", made.id) == made
    assert bucket.written() == [f"records/prod/{made.id}.json"]


def test_an_open_record_is_closed_once_and_then_never_changes(bucket: FakeS3) -> None:
    begun = record(outcome="open", finished=None)
    store().open(begun)
    store().close(begun.model_copy(update={"outcome": "failed"}))
    with pytest.raises(RecordError, match="closed already: it failed"):
        store().close(begun.model_copy(update={"outcome": "succeeded"}))
    assert store().read("prod", begun.id).outcome == "failed"


def test_a_record_that_somebody_changed_meanwhile_is_not_written_over(bucket: FakeS3) -> None:
    ours, begun = store(), record(outcome="open")
    ours.open(begun)
    store().close(begun.model_copy(update={"outcome": "failed", "failure": "theirs"}))
    with pytest.raises(RecordError, match="changed by somebody else"):
        ours.close(begun.model_copy(update={"outcome": "succeeded"}))
    assert store().read("prod", begun.id).failure == "theirs"


def test_one_id_is_never_two_records(bucket: FakeS3) -> None:
    store().open(record())
    with pytest.raises(RecordError, match="already"):
        store().open(record(who="somebody else"))


@pytest.mark.fault(11, "a record is written and the answer is lost")
def test_a_write_whose_answer_was_lost_counts_as_done(bucket: FakeS3) -> None:
    made = record()
    store().open(made)
    store().open(made)
    assert len(bucket.written()) == 2


@pytest.mark.fault(11, "409 of S3")
def test_a_conflict_of_two_writers_is_tried_again(bucket: FakeS3) -> None:
    bucket.failing = ["ConditionalRequestConflict"]
    store().open(record())
    assert len(bucket.written()) == 2


def test_a_refusal_by_aws_is_no_lost_race(bucket: FakeS3) -> None:
    bucket.failing = ["AccessDenied"]
    with pytest.raises(AwsError, match=r"writing s3://acme-deploys/records/prod/.*AccessDenied"):
        store().open(record())


def test_there_is_no_pointer_before_the_first_record_or_the_bucket(bucket: FakeS3) -> None:
    assert store().pointer("prod") is None
    bucket.failing = ["NoSuchBucket"]
    assert store().pointer("prod") is None
    bucket.failing = ["AccessDenied"]
    with pytest.raises(AwsError, match="AccessDenied"):
        store().pointer("prod")


def test_a_pointer_moves_only_from_where_it_was_seen(bucket: FakeS3) -> None:
    first, second, third = (record(ago, who=f"who{ago}") for ago in (3, 2, 1))
    for each in (first, second, third):
        store().open(each)
    etag = store().move(pointer_to(first), None)
    store().move(pointer_to(second, hold=HOLD), etag)
    for stale in (etag, None):
        with pytest.raises(NotCurrentError) as error:
            store().move(pointer_to(third), stale)
        assert f"another one made {second.id} current by who2" in str(error.value)
        assert "held by ada: the basket is empty" in str(error.value)
    found = store().pointer("prod")
    assert found is not None
    assert found[0].record == second.id


def test_lifting_a_hold_gives_it_back_and_leaves_the_pointer_where_it_is(bucket: FakeS3) -> None:
    store().move(pointer_to(record(), hold=HOLD), None)
    assert store().lift("prod") == HOLD
    assert store().lift("prod") is None
    found = store().pointer("prod")
    assert found is not None
    assert (found[0].record, found[0].hold) == (record().id, None)


def test_a_name_belongs_to_the_first_digest_that_claims_it(bucket: FakeS3) -> None:
    claim = store().claim_name
    repository = "127.0.0.1:4510/prod/shop"
    assert claim(repository, "v1.2.0", D1) == D1
    assert claim(repository, "v1.2.0", D2) == D1
    assert claim(repository, "v1.2.0", D1) == D1
    assert claim(f"{repository}-2", "v1.2.0", D2) == D2
    assert list(bucket.objects) == [f"names/{repository}{end}/v1.2.0" for end in ("", "-2")]


@pytest.mark.parametrize("name", ["../x", "a/b", "", "-x", "x" * 129, "a\n"])
def test_what_is_no_tag_is_never_claimed(bucket: FakeS3, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        store().claim_name("127.0.0.1:4510/prod/shop", name, D1)
    assert bucket.calls == []


@pytest.mark.parametrize("stack", ["", "..", "a/b", "../prod", "a b", "x" * 101])
def test_what_is_no_stack_reaches_no_key(bucket: FakeS3, stack: str) -> None:
    with pytest.raises(RecordError, match="is not the name of a stack"):
        store().pointer(stack)
    assert bucket.calls == []


def test_the_newest_records_come_first_and_no_more_keys_are_listed_than_needed(
    bucket: FakeS3,
) -> None:
    made = [record(ago) for ago in (1, 2, 30 * 24, 3 * 24 * 365)]
    for each in made:
        store().open(each)
    store().move(pointer_to(made[0]), None)
    bucket.objects["records/prod/notes.txt"] = b"somebody's"
    bucket.objects["records/production/other.json"] = b"another stack's"
    bucket.calls.clear()
    assert store().newest("prod", 2) == made[:2]
    assert [call for call in bucket.calls if call.startswith("list")] == ["list records/prod/"]
    bucket.page = 1
    assert store().newest("prod", 9) == made


def test_a_record_is_found_by_id_version_name_or_commit(bucket: FakeS3) -> None:
    old = record(5, version="v1.1.0", names=("v1.1.0", "1.1.0-SNAPSHOT-7d2a1b0"))
    new = record(1, version="v1.2.0", commit="e" * 40)
    for each in (old, new):
        store().open(each)
    for word in (old.id, "v1.1.0", "1.1.0-SNAPSHOT-7d2a1b0", COMMIT, COMMIT[:7]):
        assert store().find("prod", word) == old, word
    assert store().find("prod", "e" * 8) == new
    for word in ("v1.3.0", COMMIT[:6], "", old.id[:-1] + "f"):
        assert store().find("prod", word) is None, word


def test_a_record_that_succeeded_is_found_before_a_newer_one_that_failed(bucket: FakeS3) -> None:
    good, bad = record(5, version="v1.1.0"), record(1, version="v1.1.0", outcome="failed")
    store().open(bad)
    assert store().find("prod", "v1.1.0") == bad
    store().open(good)
    assert store().find("prod", "v1.1.0") == good


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema_version": 2}, r"newer slipway \(schema 2, this one knows 1\)"),
        ({"schema_version": "1"}, "schema_version"),
        ({"surprise": 1}, "surprise"),
        ({"who": "ada\x1b[2J"}, "who"),
        ({"who": "ada\u202eevil"}, "who"),
        ({"commit": "HEAD"}, "commit"),
        ({"outcome": "fine"}, "outcome"),
        ({"version": "v1.0.0$(id)"}, "version"),
        ({"names": ["-rf"]}, "names.0"),
        ({"id": "20261121T071935Z-7d2a1b0-ffffff"}, "holds another record"),
        ({"stack": "dev"}, "holds another record"),
        ({"failure": "x" * 4001}, "failure"),
    ],
)
def test_a_record_that_slipway_would_not_write_is_refused(
    bucket: FakeS3, change: dict[str, Any], said: str
) -> None:
    made = record()
    document = {**json.loads(made.model_dump_json()), **change}
    bucket.objects[f"records/prod/{made.id}.json"] = json.dumps(document).encode()
    with pytest.raises(RecordError, match=said):
        store().read("prod", made.id)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b"\xff", b"[" * 60_000])
def test_what_is_no_json_of_ours_is_damaged(bucket: FakeS3, data: bytes) -> None:
    bucket.objects["records/prod/current.json"] = data
    with pytest.raises(RecordError, match=r"records/prod/current\.json is damaged"):
        store().pointer("prod")


def test_an_object_beyond_the_limit_is_not_read_to_its_end(bucket: FakeS3) -> None:
    bucket.objects["records/prod/current.json"] = b" " * (64 * 1024 + 1)
    with pytest.raises(AwsError, match="more than 65536 bytes"):
        store().pointer("prod")


def test_one_damaged_record_does_not_hide_the_others(bucket: FakeS3) -> None:
    good, bad = record(1), record(2)
    store().open(good)
    bucket.objects[f"records/prod/{bad.id}.json"] = b"{}"
    told: list[str] = []
    assert store().newest("prod", 9, told.append) == [good]
    assert bad.id in told[0]
    with pytest.raises(RecordError, match=bad.id):
        store().newest("prod", 9)


def test_the_pointer_of_another_stack_is_refused(bucket: FakeS3) -> None:
    bucket.objects["records/dev/current.json"] = pointer_to(record()).model_dump_json().encode()
    with pytest.raises(RecordError, match="is of another stack, 'prod'"):
        store().pointer("dev")


def test_texts_are_made_fit_for_a_record() -> None:
    assert plain(" a\x1b[2J\nb\u202e ") == "a [2J b"
    assert plain("x" * 501) == "x" * 499 + "…"
    assert plain_lines("a\nb\tc\x07") == "a\nb c "
    assert record(who=plain("\x00" * 3 + "ada")).who == "ada"
    assert NOW.tzinfo is not None
