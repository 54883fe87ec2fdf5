"""`slipway logs`: the newest lines in order, from wherever the service runs, and what follows."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError as BotoClientError

from cli import log_sources, logs
from clients import ClientError, log_events
from clients.aws import AwsAccess
from clients.log_events import Follower, newest
from tests.fakes.shop_stack import slipway
from tests.fakes.status_stack import World, container, world

__all__ = ["slipway", "world"]

ACCESS = AwsAccess(region="eu-west-1")


class FakeLogs:
    """CloudWatch Logs with one group; notes where each question began."""

    def __init__(self) -> None:
        self.events: list[tuple[int, str]] = []
        self.begins: list[int] = []
        self.missing = False

    def get_paginator(self, name: str) -> FakeLogs:
        assert name == "filter_log_events"
        return self

    def paginate(self, logGroupName: str, startTime: int) -> Any:  # noqa: N803
        if self.missing:
            said = {"Error": {"Code": "ResourceNotFoundException", "Message": "no such group"}}
            raise BotoClientError(said, "FilterLogEvents")
        self.begins.append(startTime)
        listed = [
            {"eventId": str(n), "timestamp": at, "logStreamName": "a/b/task-1", "message": text}
            for n, (at, text) in enumerate(self.events)
            if at >= startTime
        ]
        return [{"events": listed[:2]}, {"events": listed[2:]}]

    def ago(self, seconds: float, text: str) -> None:
        self.events.append((int((time.time() - seconds) * 1000), text))


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeLogs:
    made = FakeLogs()
    monkeypatch.setattr(log_events, "client", lambda access, service: made)
    return made


def texts(found: Any) -> list[str]:
    return [each.message for each in found]


def test_the_newest_lines_come_in_order(cloud: FakeLogs) -> None:
    for n in range(5):
        cloud.ago(50 - n, f"line {n}")
    assert texts(newest(ACCESS, "g", 3)) == ["line 2", "line 3", "line 4"]
    assert len(cloud.begins) == 1, "a busy log is not read from its beginning"


def test_a_quiet_log_is_looked_for_further_back(cloud: FakeLogs) -> None:
    cloud.ago(3 * 86400, "old")
    assert texts(newest(ACCESS, "g", 3)) == ["old"]
    assert len(cloud.begins) == 6
    assert cloud.begins == sorted(cloud.begins, reverse=True)


def test_since_leaves_out_what_is_older(cloud: FakeLogs) -> None:
    cloud.ago(700, "old")
    cloud.ago(10, "new")
    assert texts(newest(ACCESS, "g", 100, since=time.time() - 600)) == ["new"]
    assert len(cloud.begins) == 1


def test_following_shows_each_line_once_and_late_ones_too(cloud: FakeLogs) -> None:
    cloud.ago(2, "first")
    follower = Follower(ACCESS, "g", newest(ACCESS, "g", 10) or [])
    assert follower.more() == []
    cloud.ago(1, "second")
    assert texts(follower.more()) == ["second"]
    cloud.ago(1.5, "late")
    assert texts(follower.more()) == ["late"]
    assert follower.more() == []


def test_a_group_that_is_not_there_is_told(cloud: FakeLogs) -> None:
    cloud.missing = True
    with pytest.raises(ClientError, match="there is no log group g: nothing was deployed"):
        log_sources.CloudWatchLog(ACCESS, "g").newest(10, None)


def test_a_line_can_t_move_a_terminal_and_keeps_its_indentation(
    world: World, slipway: Any, cloud: FakeLogs
) -> None:
    cloud.ago(5, '  File "a.py"\x1b[2J\x1b]0;title\x07\x9b31m')
    ran = slipway("logs", "api", "--stack", "prod")
    assert ran.code == 0
    (line,) = ran.out.splitlines()
    moment, source, text = line.split(" ", 2)
    assert moment.endswith("Z")
    assert source == "task-1"
    assert text == '  File "a.py" 31m'


def test_a_time_that_is_none_is_a_wrong_use(world: World, slipway: Any) -> None:
    for wrong in ("soon", "10", "10y", "-5m"):
        ran = slipway("logs", "api", "--stack", "prod", f"--since={wrong}")
        assert ran.code == 2
        assert "allowed: a number and s, m, h or d" in " ".join(ran.err.split())
    assert [logs.seconds_of(each) for each in ("30s", "10m", "2h", "7d")] == [
        30,
        600,
        7200,
        604800,
    ]


def test_a_container_s_log_is_the_engine_s(
    world: World, slipway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Engine:
        def __init__(self, host: str) -> None:
            assert host == "unix:///var/run/docker.sock"

        def of_owner(self, owner: str) -> Any:
            return [container("exited", id="old"), container()]

        def timed_lines(self, name: str, count: int | None, since: float | None) -> list[str]:
            assert (name, count, since) == ("c1", 7, None)
            return ["2026-11-21T07:00:00.123456789Z listens on 80", "2026-11-21T07:00:01Z x"]

    monkeypatch.setattr(log_sources, "DockerContainers", Engine)
    ran = slipway("logs", "web", "--stack", "prod", "--lines", "7")
    assert ran.out.splitlines() == [
        "2026-11-21T07:00:00Z web-0a1b2c3d listens on 80",
        "2026-11-21T07:00:01Z web-0a1b2c3d x",
    ]


def test_following_ends_with_ctrl_c(
    world: World, slipway: Any, cloud: FakeLogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.ago(5, "before")
    pauses = iter([lambda: cloud.ago(0, "after")])

    def sleep(seconds: float) -> None:
        assert seconds == 1.0
        try:
            next(pauses)()
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(logs.time, "sleep", sleep)  # type: ignore[attr-defined]
    ran = slipway("logs", "api", "--stack", "prod", "--follow")
    assert ran.code == 0
    assert [line.split()[-1] for line in ran.out.splitlines()] == ["before", "after"]
