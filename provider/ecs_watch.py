"""Watching a service of ECS until it is steady, is lost, or time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from clients import CancelledError, ecs, ecs_tasks
from clients.aws import AwsAccess, AwsError
from provider.ecs_judge import Judged, Look, judge
from provider.resource import Call

_POLL = (0.5, 4.0)  # seconds: the first and the longest pause
# DescribeServices may show what was before UpdateService for a moment.
_SEEN_WITHIN = 10.0
# Worth another look until the deadline; boto3 has tried five times by then.
_PASSING = ("", "ThrottlingException", "ServerException", "ServiceUnavailable")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A service of ECS, and how to reach it."""

    access: AwsAccess
    cluster: str
    ecs_service: str


@dataclass(frozen=True, kw_only=True)
class Watched:
    """How watching ended."""

    look: Look
    judged: Judged
    timed_out: bool = False


def look_at(place: Place) -> Look:
    """The service and its tasks, by three calls. Raises AwsError."""
    service = ecs.service(place.access, place.cluster, place.ecs_service)
    if service is None:
        return Look(service=None)
    tasks = ecs_tasks.of_service(place.access, place.cluster, place.ecs_service, stopped=False)
    return Look(service=service, tasks=tuple(tasks))


def watch(
    call: Call,
    place: Place,
    task_definition: str,
    *,
    deadline: float,
    deployment: str | None = None,
    stoppable: bool = True,
    good: Callable[[Look], Judged] = lambda _: Judged(state="steady"),
) -> Watched:
    """Look until the service is steady and `good`, is lost, or `deadline` (monotonic) has passed.

    `deployment` is the id of the one that was begun: an answer from before it is not judged.
    Raises CancelledError unless not `stoppable`; AwsError when looking is refused.
    """
    began, pause = time.monotonic(), _POLL[0]
    seen = deployment is None
    while True:
        look, judged = _judged(place, task_definition)
        if look is not None:
            seen = seen or any(each.id == deployment for each in _deployments(look))
            if not seen and time.monotonic() - began < _SEEN_WITHIN:
                judged = Judged(state="moving", why="ECS does not show the deployment yet")
            elif judged.state == "steady":
                judged = good(look)
        if judged.state != "moving":
            return Watched(look=look or Look(service=None), judged=judged)
        if time.monotonic() > deadline:
            return Watched(look=look or Look(service=None), judged=judged, timed_out=True)
        if stoppable and call.cancelled.is_set():
            raise CancelledError(f"{place.ecs_service}: cancelled while {judged.why}")
        _tell(call, look, judged, time.monotonic() - began)
        _pause(call, min(pause, max(0.05, deadline - time.monotonic())), stoppable)
        pause = min(_POLL[1], pause * 1.3)


def _judged(place: Place, task_definition: str) -> tuple[Look | None, Judged]:
    try:
        look = look_at(place)
    except AwsError as error:
        if error.code not in _PASSING:
            raise
        return None, Judged(state="moving", why=str(error))
    return look, judge(look, task_definition)


def _deployments(look: Look) -> tuple[ecs.EcsDeployment, ...]:
    return look.service.deployments if look.service else ()


def _tell(call: Call, look: Look | None, judged: Judged, seconds: float) -> None:
    events = look.service.events if look and look.service else ()
    last = events[0].partition(" ")[2] if events else ""
    call.status(f"{judged.why} ({seconds:.0f} s){f': {last}' if last else ''}")


def _pause(call: Call, seconds: float, stoppable: bool) -> None:
    # A cancelled run does not end the putting back, so that its event can't time that.
    if stoppable:
        call.cancelled.wait(seconds)
    else:
        time.sleep(seconds)
