"""What a failed rollout means: `independent` raises, `together` leaves it to the last resource."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clients import ClientError
from provider.resource import Call
from provider.verdict import Verdict

POLICIES = ("independent", "together")
PutBack = Callable[[Call], Verdict]


class RolloutError(ClientError):
    """A service does not run what was asked; what ran before runs again, if that was possible."""

    def __init__(
        self,
        message: str,
        brief: str | None = None,
        *,
        verdict: Verdict | None = None,
        running: Mapping[str, str] | None = None,
    ) -> None:
        """`brief` leaves out what the services printed: a record must not keep that.

        `running` has what runs now, where it is known: the digest by task, host or alias.
        """
        super().__init__(message)
        self.brief = brief or message
        self.verdict = verdict or Verdict(outcome="unknown", why=self.brief)
        self.running = dict(running or {})


@dataclass(frozen=True, kw_only=True)
class Done:
    """A rollout that succeeded."""

    outputs: dict[str, Any]
    """Its outputs but `reason` and `deployment`."""
    put_back: PutBack | None
    """Puts back what ran before; None if nothing was switched."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a service did not switch."""

    report: str
    """The whole message, with what the service printed."""
    brief: str
    """The message for a record."""


@dataclass
class Switched:
    """What the rollouts of this update did, for whoever has to undo it. One per process.

    A plugin process serves one update, so nothing of an earlier one is in it. Safe in threads.
    """

    _switches: dict[str, PutBack] = field(default_factory=dict)
    _failures: dict[str, Failure] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, service: str, put_back: PutBack) -> None:
        """Remember how a service that has switched is put back."""
        with self._lock:
            self._switches[service] = put_back

    def add_failure(self, service: str, failure: Failure) -> None:
        """Remember why a service did not switch."""
        with self._lock:
            self._failures[service] = failure

    def switches(self) -> dict[str, PutBack]:
        """The services that switched in this update, and how each is put back."""
        with self._lock:
            return dict(self._switches)

    def failures(self) -> dict[str, Failure]:
        """The services that failed in this update."""
        with self._lock:
            return dict(self._failures)
