"""AWS that throttles, fails, expires or refuses while an update keeps its record."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from tests.faults.faulty import answers, at, refused_by_s3, unanswered
from tests.faults.shop import STACK, UP, Shop

ALWAYS = 10_000
RECORD, POINTER = r"PutObject records/\*.json", "PutObject records/current.json"


@pytest.mark.long
@pytest.mark.fault(11, "S3 is slow, answers 500 and 503, and loses an answer")
def test_a_record_that_is_written_with_trouble_is_written_and_all_is_deployed(shop: Shop) -> None:
    made = shop.attempt()
    slow = shop.aws.fault(RECORD, at(lambda: threading.Event().wait(5)))
    busy = refused_by_s3("SlowDown", "Please reduce your request rate.", 503)
    busier = shop.aws.fault(RECORD, busy, times=2)
    lost = shop.aws.fault(POINTER, unanswered)
    broken = shop.aws.fault("GetObject records/current.json", answers(500))
    shop.stands(made, (ran := shop.up()).code)
    ran.ok()
    assert (slow.hits, busier.hits, lost.hits, broken.hits) == (1, 2, 1, 1)
    shop.converges(made)


@pytest.mark.long
@pytest.mark.fault(11, "S3 refuses the record with 403")
def test_an_update_that_may_not_write_its_record_stops_before_anything_is_switched(
    shop: Shop,
) -> None:
    made, before = shop.attempt(), shop.running()
    shop.aws.fault(RECORD, refused_by_s3("AccessDenied", "Access Denied", 403), times=ALWAYS)
    text = shop.refused(made, shop.up())
    assert "AccessDenied" in text
    assert "writing s3://slipway-faults-deploys/records/" in text
    assert shop.running() == before
    shop.converges(made)


@pytest.mark.long
@pytest.mark.fault(3, "AWS's credentials expire before the record")
def test_expired_credentials_stop_the_update_and_say_what_to_do(shop: Shop) -> None:
    made, before = shop.attempt(), shop.running()
    over = refused_by_s3("ExpiredToken", "The provided token has expired.", 400)
    shop.aws.fault(RECORD, over, times=ALWAYS)
    text = shop.refused(made, shop.up())
    assert "the AWS credentials have expired; log in again" in text
    assert shop.running() == before
    shop.converges(made)


@pytest.mark.fault(10, "a newer update of another state ends first")
def test_an_older_update_that_ends_later_fails_and_leaves_the_newer_one_current(
    shop: Shop, tmp_path: Path
) -> None:
    made, newer = shop.attempt(), []
    other = tmp_path / "pulumi"

    def overtake() -> None:
        # Another runner with a state of its own, as it was before this update.
        source = shop.top / "services" / "book-shop" / "app.py"
        before = source.read_text()
        shop.edit("Welcome newer")
        argv = ("pulumi", *UP, "--non-interactive")
        way = {"PULUMI_BACKEND_URL": f"file://{other}"}
        newer.append(shop.estate.run(*argv, cwd=shop.slipway, **way))
        source.write_text(before)

    shutil.copytree(shop.estate.folder / "pulumi", other)
    held = shop.aws.fault(POINTER, at(overtake))
    ran = shop.up()
    assert newer, ran.text
    newer[0].ok()
    text = ran.refused()
    assert held.hits == 1
    assert "while this update ran, another one made" in text
    assert shop.greeting() == "Welcome newer"
    pointer = shop.pointer()
    assert pointer is not None
    assert shop.records.read(STACK, pointer.record).outcome == "succeeded"
    made.old, made.pointer = "Welcome newer", pointer.record
    shop.converges(made, leaving=2)  # one is the other state's
