"""A service's journal on its hosts, read by the stack's own document."""

from __future__ import annotations

import re
import time

from cli.log_lines import Fresh, Line
from cli.status_hosts import run_document
from clients import ClientError, machines
from clients.aws import AwsAccess, AwsError
from clients.logs import lines_of
from clients.ssm import Invocation
from clients.ssm_agents import agents
from infra.places import HostPlace

MOST_OF_HOST = 100
"""Lines of a host at once: Systems Manager keeps 24,000 characters of an answer."""
_HOST_SECONDS = 30.0
_JOURNAL = re.compile(r"(?P<at>[0-9]{1,11}\.[0-9]{1,9}) \S+ [^:]*?: ?(?P<text>.*)")


class Journal:
    """The unit's journal on every host that listens, read by the stack's own document."""

    pause = 3.0

    def __init__(self, access: AwsAccess, place: HostPlace) -> None:
        """Nothing is asked before a method is called."""
        self._access, self._place, self._seen = access, place, Fresh()

    def newest(self, count: int, since: float | None) -> list[Line]:
        """See `cli.log_lines.LogSource`; at most 100 lines of each host."""
        return self._seen.new(self._ask(min(count, MOST_OF_HOST), since))[-count:]

    def more(self) -> list[Line]:
        """See `cli.log_lines.LogSource`."""
        return self._seen.new(self._ask(MOST_OF_HOST, self._seen.last))

    def _ask(self, count: int, since: float | None) -> list[Line]:
        found = machines.tagged(self._access, self._place.tag)
        known = agents(self._access, [each.id for each in found])
        online = [name for name, agent in known.items() if agent.ping == "Online"]
        if not online:
            key, value = self._place.tag
            raise ClientError(
                f"{self._place.name}: no host tagged {key}={value} is online ({len(found)} found); "
                "see `slipway status`"
            )
        parameters = {
            "action": "logs",
            "service": self._place.name,
            "kind": self._place.kind,
            "lines": str(count),
            "since": "-" if since is None else str(int(since)),
        }
        deadline = time.monotonic() + _HOST_SECONDS
        try:
            done = run_document(self._access, self._place, online, parameters, deadline)
            answers = None if done is None else list(done)
        except AwsError as error:
            raise _older(self._place.document, error) from None
        if answers is None:
            raise ClientError(f"there is no document {self._place.document}: deploy first")
        return [line for each in answers for line in _journal(each)]


def _journal(done: Invocation) -> list[Line]:
    if done.status != "Success":
        why = (done.stderr or done.stdout).strip()[-300:] or done.status
        raise ClientError(f"{done.instance} did not give its journal ({done.status}): {why}")
    found = (_JOURNAL.fullmatch(line) for line in lines_of(done.stdout))
    return [
        Line(at=float(each["at"]), source=done.instance, text=each["text"])
        for each in found
        if each is not None
    ]


def _older(document: str, error: AwsError) -> ClientError:
    if error.code in ("InvalidParameters", "InvalidParameterValue"):
        return ClientError(f"{document} does not know `logs` yet: `pulumi up` renews it ({error})")
    return error
