"""One grammar of schedules for every target; on a host systemd itself has to understand it."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from components.documents.systemd_timer import timer_lines


@pytest.mark.parametrize(
    ("schedule", "lines"),
    [
        ("rate(1 hour)", "OnActiveSec=1hour\nOnUnitActiveSec=1hour"),
        ("rate(5 minutes)", "OnActiveSec=5minute\nOnUnitActiveSec=5minute"),
        ("cron(0 12 * * ? *)", "OnCalendar=*-*-* 12:0:00 UTC"),
        ("cron(*/15 8-17 ? * 2-6 *)", "OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 8..17:0/15:00 UTC"),
        ("cron(5,35 0 1 JAN,JUL ? 2027-2030)", "OnCalendar=2027..2030-1,7-1 0:5,35:00 UTC"),
        ("cron(0 0 ? * SAT-SUN *)", "OnCalendar=Sat,Sun *-*-* 0:0:00 UTC"),
        ("cron(0 2-10/4 */2 * ? *)", "OnCalendar=*-*-1/2 2..10/4:0:00 UTC"),
    ],
)
def test_a_schedule_is_said_in_systemds_words(schedule: str, lines: str) -> None:
    assert timer_lines(schedule) == lines


@pytest.mark.parametrize(
    "schedule",
    [
        *("cron(0 12 L * ? *)", "cron(0 12 ? * 6#3 *)", "cron(0 12 15W * ? *)", "hourly"),
        *("cron(61 12 * * ? *)", "cron(0 24 * * ? *)", "cron(0 12 ? * 8 *)", "rate(1 hours)"),
        *("cron(0 12 20-10 * ? *)", "cron(*/0 12 * * ? *)", "rate(5 minutes)\nExecStart=/bin/sh"),
    ],
)
def test_what_only_eventbridge_knows_or_nobody_is_refused(schedule: str) -> None:
    with pytest.raises(ValueError, match="allowed"):
        timer_lines(schedule)


@pytest.mark.parametrize(
    "schedule",
    ["cron(*/15 8-17 ? * 2-6 *)", "cron(5,35 0 1 JAN,JUL ? 2027-2030)", "cron(0 2-10/4 */2 * ? *)"],
)
def test_systemd_understands_it(schedule: str) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze on this machine")
    when = timer_lines(schedule).removeprefix("OnCalendar=")
    found = subprocess.run([analyze, "calendar", when], capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stderr
