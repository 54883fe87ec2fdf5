"""Where a service's log comes from: CloudWatch Logs, a host's journal, a Docker engine, pods."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cli.log_journal import Journal
from cli.log_lines import Fresh, Line, LogSource
from cli.log_pods import PodLog
from cli.stack import OpenStack
from clients import ClientError
from clients.aws import AwsAccess
from clients.docker_containers import DockerContainers
from clients.log_events import Follower, LogEvent, newest
from infra.places import (
    DockerPlace,
    EcsPlace,
    HostPlace,
    KubernetesPlace,
    LambdaPlace,
    Place,
)

_SHORT = 12


def source_of(opened: OpenStack, place: Place) -> LogSource:
    """The log of the service that stands there."""
    match place:
        case EcsPlace() | LambdaPlace():
            return CloudWatchLog(opened.access, place.log_group)
        case HostPlace():
            return Journal(opened.access, place)
        case DockerPlace():
            return ContainerLog(place)
        case KubernetesPlace():
            return PodLog(opened, place)


class CloudWatchLog:
    """A log group."""

    pause = 1.0

    def __init__(self, access: AwsAccess, group: str) -> None:
        """Nothing is asked before a method is called."""
        self._access, self._group = access, group
        self._follower = Follower(access, group, [])

    def newest(self, count: int, since: float | None) -> list[Line]:
        """See `LogSource`."""
        found = newest(self._access, self._group, count, since)
        if found is None:
            raise ClientError(
                f"there is no log group {self._group}: nothing was deployed, or it was deleted"
            )
        self._follower = Follower(self._access, self._group, found)
        return _lines(found)[-count:]

    def more(self) -> list[Line]:
        """See `LogSource`."""
        return _lines(self._follower.more())


class ContainerLog:
    """The newest container of a service on a Docker engine."""

    pause = 1.0

    def __init__(self, place: DockerPlace) -> None:
        """Nothing is asked before a method is called."""
        self._place, self._seen = place, Fresh()

    def newest(self, count: int, since: float | None) -> list[Line]:
        """See `LogSource`."""
        return self._seen.new(self._ask(count, since))

    def more(self) -> list[Line]:
        """See `LogSource`."""
        return self._seen.new(self._ask(None, self._seen.last))

    def _ask(self, count: int | None, since: float | None) -> list[Line]:
        engine = DockerContainers(self._place.engine)
        found = engine.of_owner(self._place.owner)
        chosen = next((each for each in found if each.running), found[0] if found else None)
        if chosen is None:
            raise ClientError(
                f"no container at {self._place.engine} has the label {self._place.owner}: "
                "nothing was deployed, or it was removed"
            )
        # Docker takes whole seconds, or a number that is not zero.
        told = engine.timed_lines(chosen.id, count, int(since) if since else None)
        return [_timed(chosen.name, line) for line in told]


def _lines(events: Iterable[LogEvent]) -> list[Line]:
    return [
        Line(at=each.at / 1000, source=each.stream.rpartition("/")[2][:_SHORT], text=text)
        for each in events
        for text in each.message.splitlines()
    ]


def _timed(container: str, line: str) -> Line:
    at, _, text = line.partition(" ")
    # Docker writes nine decimals, Python reads six.
    moment = datetime.fromisoformat(f"{at[:26].rstrip('Z')}+00:00")
    return Line(at=moment.timestamp(), source=container, text=text)
