"""What the pods of a service printed, by the API of their cluster."""

from __future__ import annotations

from datetime import datetime

from cli.kubernetes_access import cluster_of_stack, refuse_from_afar
from cli.log_lines import Fresh, Line
from cli.stack import OpenStack
from clients import ClientError
from infra.places import KubernetesPlace


class PodLog:
    """All pods of a service; of one that runs by the clock, those of its latest jobs."""

    pause = 1.0

    def __init__(self, opened: OpenStack, place: KubernetesPlace) -> None:
        """Nothing is asked before a method is called."""
        self._opened, self._place, self._seen = opened, place, Fresh()

    def newest(self, count: int, since: float | None) -> list[Line]:
        """See `LogSource`."""
        return self._seen.new(self._ask(count, since))[-count:]

    def more(self) -> list[Line]:
        """See `LogSource`."""
        return self._seen.new(self._ask(None, self._seen.last))

    def _ask(self, count: int | None, since: float | None) -> list[Line]:
        place = self._place
        chosen = ",".join(f"{name}={value}" for name, value in place.labels.items())
        refuse_from_afar(place, f"logs --selector={chosen} --prefix --timestamps")
        api = cluster_of_stack(self._opened)
        pods = [
            str(each["metadata"]["name"])
            for each in api.listed("Pod", place.namespace, place.labels)
        ]
        if not pods:
            raise ClientError(
                f"no pod of {place.name} is in the namespace {place.namespace}: nothing was "
                "deployed, it was removed, or its schedule has not come"
            )
        return [
            _timed(pod.removeprefix(f"{place.name}-"), line)
            for pod in pods
            for line in api.timed_log(place.namespace, pod, lines=count, since=since)
        ]


def _timed(pod: str, line: str) -> Line:
    at, _, text = line.partition(" ")
    # The kubelet writes nine decimals, or fewer; Python reads six.
    head, _, decimals = at.rstrip("Z").partition(".")
    moment = datetime.fromisoformat(f"{head}.{decimals[:6]:0<6}+00:00")
    return Line(at=moment.timestamp(), source=pod, text=text)
