"""`slipway history`: what was deployed, by whom, what came of it, and the hold."""

from __future__ import annotations

import json

from cli import history
from release.record_words import changed_in, name_of
from tests.fakes.bucket import store
from tests.fakes.records import COMMIT, D2, image, pointer_to, record, service
from tests.fakes.rollback_stack import HOLD, Bench, bench

__all__ = ["bench"]


def test_history_shows_what_was_deployed_by_whom_and_what_came_of_it(bench: Bench) -> None:
    bench.release(5, "v1.1.0")
    bench.release(4, "v1.2.0", outcome="failed", failure=f"shop: no {D2}\nmore")
    made = record(3, version="v1.3.0", outcome="open", finished=None)
    store().open(made)
    lines = bench.run("history", "prod").stdout.splitlines()
    assert lines[0].split()[:2] == ["WHEN", "(UTC)"]
    assert [line.split()[2] for line in lines[1:]] == ["v1.3.0", "v1.2.0", "v1.1.0"]
    assert "still running, or killed" in lines[1]
    assert f"failed: shop: no {D2[:19]}…" in lines[2]
    assert "more" not in lines[2]
    assert "7d2a1b0  ada@laptop  succeeded, current" in lines[3]
    assert "1 min 15 s" in lines[3]


def test_history_says_what_an_update_itself_changed(bench: Bench) -> None:
    made = record(1)
    entries = {f"svc-{n}": service(deployment=made.id) for n in range(4)}
    changed = made.model_copy(
        update={
            "services": entries,
            "images": {"old": image(), "b": image(deployment=made.id)},
        }
    )
    assert changed_in(changed) == "image b; 4 services"
    assert changed_in(made) == "-"


def test_a_commit_s_name_is_short_and_a_short_time_exact() -> None:
    made = record(1, names=(COMMIT,))
    assert name_of(made) == COMMIT[:12]
    assert name_of(record(1, names=("sha-1",))) == "sha-1"
    assert name_of(record(1)) == COMMIT[:12]
    soon = {"started": "2026-11-21T07:00:00.000Z", "finished": "2026-11-21T07:00:02.250Z"}
    assert history.took(made.model_copy(update=soon)) == "2.2 s"


def test_history_shows_the_hold_and_how_to_lift_it(bench: Bench) -> None:
    made = record(1, version="v1.1.0", rollback=True)
    store().open(made)
    store().move(pointer_to(made, hold=HOLD), None)
    said = bench.run("history", "prod").stdout
    assert "rolled back, current" in said
    assert "held by ada since 2026-11-21 07:00: the basket is empty; `slipway resume prod`" in said
    document = json.loads(bench.run("history", "prod", "--json").stdout)
    assert document["current"] == made.id
    assert document["hold"]["who"] == "ada"
    assert document["records"][0]["version"] == "v1.1.0"


def test_history_of_a_new_stack_is_empty(bench: Bench) -> None:
    assert "nothing was deployed yet" in bench.run("history", "prod").stdout
    assert json.loads(bench.run("history", "prod", "--json").stdout)["records"] == []


def test_a_damaged_record_is_told_beside_the_answer(bench: Bench) -> None:
    bench.release(5, "v1.1.0")
    bench.bucket.objects[f"records/prod/{record(2).id}.json"] = b"{}"
    ran = bench.run("history", "prod", "--json")
    assert len(json.loads(ran.stdout)["records"]) == 1
    assert "is damaged" in ran.stderr
