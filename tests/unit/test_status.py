"""What runs beside what the record says; and the last line of a host, which is not trusted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from release.host_report import read_report
from release.status import Seen, compare
from tests.fakes.records import D1, D2, record, service


def seen(**values: Any) -> Seen:
    plain: dict[str, Any] = {
        "service": "shop",
        "target": "host",
        "where": "i-1",
        "state": "running",
        "well": True,
        "digest": D1,
    }
    return Seen(**(plain | values))


def problem(made: Seen, recorded: bool = True) -> str:
    services = {"shop": service(D1, version="v1.2.0")} if recorded else {}
    (found,) = compare([made], record(services=services))
    return found.problem


def test_the_recorded_digest_that_runs_is_no_problem() -> None:
    assert problem(seen()) == ""
    (found,) = compare([seen()], record(services={"shop": service(D1, version="v1.2.0")}))
    assert (found.digest, found.version) == (D1, "v1.2.0")


def test_another_digest_is_told_beside_the_recorded_one() -> None:
    said = problem(seen(digest=D2))
    assert said == f"runs {D2[:19]}, and the record says {D1[:19]}"


def test_the_right_digest_in_a_bad_state_is_a_problem() -> None:
    assert problem(seen(well=False, state="exited", why="exit code 3")) == "exited: exit code 3"
    assert problem(seen(well=False, state="failed")) == "failed"


def test_another_digest_in_a_bad_state_tells_both() -> None:
    said = problem(seen(digest=D2, well=False, state="exited"))
    assert said.startswith("runs ")
    assert said.endswith("; exited")


def test_a_service_that_says_no_digest_is_not_taken_for_the_recorded_one() -> None:
    assert problem(seen(digest=None)) == "does not say what it runs"


def test_without_a_record_only_what_runs_or_is_not_known_is_a_problem() -> None:
    absent = seen(digest=None, state="absent", well=False, why="nothing there")
    assert problem(absent, recorded=False) == ""
    assert problem(absent) == "absent: nothing there"
    assert problem(seen(), recorded=False) == f"runs {D1[:19]}, and no record says so"
    lost = seen(digest=None, state="unknown", well=False, why="no answer")
    assert problem(lost, recorded=False) == "unknown: no answer"
    assert compare([seen()], None)[0].problem


def test_rows_are_sorted_by_service_and_place() -> None:
    made = [seen(where="i-2"), seen(service="a"), seen(where="i-1")]
    found = [(each.seen.service, each.seen.where) for each in compare(made, None)]
    assert found == [("a", "i-1"), ("shop", "i-1"), ("shop", "i-2")]


REPORT = {
    "slipway": 1,
    "service": "shop",
    "outcome": "running",
    "digest": D1,
    "version": "v1.2.0",
    "detail": "",
}


def test_a_report_is_the_last_line_of_what_a_host_printed() -> None:
    found = read_report(f"noise\n{json.dumps(REPORT)}\n\n", "shop")
    assert found is not None
    assert (found.outcome, found.digest, found.version) == ("running", D1, "v1.2.0")
    assert (found.since, found.health, found.disk_free_mib) == ("", "", None)


def test_a_newer_host_says_more() -> None:
    more = {"since": "2026-11-21T12:00:00.1Z", "health": "healthy", "disk_free_mib": 2048}
    found = read_report(json.dumps(REPORT | more), "shop")
    assert found is not None
    assert (found.since, found.health) == ("2026-11-21T12:00:00.1Z", "healthy")
    assert found.disk_free_mib == 2048


@pytest.mark.parametrize(
    "output",
    [
        "",
        "not json",
        "[1]",
        json.dumps(REPORT | {"slipway": 2}),
        json.dumps(REPORT | {"service": "other"}),
        f"{json.dumps(REPORT)}\nmore",
    ],
)
def test_what_is_no_report_on_this_service_is_none(output: str) -> None:
    assert read_report(output, "shop") is None


def test_a_host_can_t_move_a_terminal_nor_make_up_a_digest() -> None:
    hostile = {"detail": "\x1b[2Jgone", "digest": "sha256:short", "disk_free_mib": True}
    found = read_report(json.dumps(REPORT | hostile), "shop")
    assert found is not None
    assert found.digest is None
    assert "\x1b" not in found.detail
    assert found.disk_free_mib is None
