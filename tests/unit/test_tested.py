"""Whether what is to be released was deployed where it was built."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from infra import tested
from infra.tested import untested
from release.record import Record
from tests.fakes.records import D1, D2, image, record
from tests.unit.test_settings import settings

Asked: list[tuple[str, str]] = []


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list[Record]:
    """What the bucket holds, the newest first."""
    held: list[Record] = []

    class Reader:
        def __init__(self, access: object, bucket: str) -> None:
            self.bucket = bucket

        def walk(self, stack: str, most: int, on_damage: Callable[[str], None]) -> Iterator[Record]:
            Asked.append((self.bucket, stack))
            on_damage("records/dev/x.json is damaged")
            yield from held[:most]

    Asked.clear()
    monkeypatch.setattr(tested, "RecordReader", Reader)
    return held


def told(digests: dict[str, str] | None = None, **origin: str) -> str | None:
    release = {"images": "promote", "names": ["{version}"], "source": "tested", "origin": origin}
    return untested(settings(release=release), digests or {"api": D1, "web": D2})


def both(ago: float, outcome: str = "succeeded", **images: str) -> Record:
    entries = {name: image(digest) for name, digest in {"api": D1, "web": D2, **images}.items()}
    return record(ago, stack="dev", outcome=outcome, images=entries)


def test_what_an_update_of_dev_ran_is_tested_whatever_came_later(records: list[Record]) -> None:
    records += [both(1, "failed"), both(2, api=D2), both(3)]
    assert told() is None
    assert Asked == [(settings().bundles.bucket, "dev")]


@pytest.mark.fault(34, "dev's update with these images failed")
def test_what_failed_in_dev_is_not_and_the_update_is_named(records: list[Record]) -> None:
    records += [both(1, "failed"), both(2, api=D2)]
    said = told() or ""
    assert f"the update of 'dev' that had it, {records[0].id}, failed" in said
    assert "content of api, web was built and not tested" in said
    assert "`pulumi up --stack dev` at this commit, or name another snapshot" in said
    assert "Left out: records/dev/x.json is damaged" in said


@pytest.mark.fault(34, "dev's update with these images never ended")
def test_an_update_that_was_killed_tested_nothing(records: list[Record]) -> None:
    records.append(both(1, "open"))
    assert "did not end" in (told() or "")


def test_images_that_never_ran_together_are_not_tested(records: list[Record]) -> None:
    records += [both(1, web=D1), both(2, api=D2)]
    assert "no update of 'dev' that had it is among its newest records" in (told() or "")


def test_the_records_of_another_stack_are_looked_for_where_the_stack_file_says(
    records: list[Record],
) -> None:
    records.append(both(1))
    assert told(stack="main", bucket="acme-dev-deploys") is None
    assert Asked == [("acme-dev-deploys", "main")]
