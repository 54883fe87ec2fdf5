"""What a resource type of this plugin has to answer, and what it gets to answer with."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from provider.journal import Journal

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One request of the engine: who it is about, where its lines go, whether to stop."""

    urn: str
    journal: Journal
    cancelled: threading.Event

    def info(self, text: str) -> None:
        """Say a fact that stays in the output."""
        self.journal.info(self.urn, text)

    def warning(self, text: str) -> None:
        """Say a fact that stays, and that somebody should look at."""
        self.journal.warning(self.urn, text)

    def status(self, text: str) -> None:
        """Say what is being done."""
        self.journal.status(self.urn, text)


@dataclass(frozen=True, kw_only=True)
class Old:
    """What the state has of a resource."""

    inputs: Properties
    outputs: Properties


@dataclass(frozen=True, kw_only=True)
class Diff:
    """Names of the properties that ask for an update, and of those that ask for another one."""

    changed: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)


class Resource(Protocol):
    """One resource type. The methods block; the server runs them in threads.

    Every method may raise `clients.ClientError`, whose text is the message for the user.
    There is no delete: no resource of this plugin takes anything away.
    """

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs, by property; unknown values are not judged."""

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """What an update has to do, after a look at the real thing."""

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Make it so (or say in a preview what is known of it): the id and the outputs.

        `old` is None when the resource is new.
        """

    def read(self, call: Call, old: Old) -> Properties | None:
        """The outputs as they really are now, or None if the thing has vanished."""


@runtime_checkable
class Last(Protocol):
    """A resource type that has something left to do when the engine ends the plugin."""

    def end(self, call: Call) -> None:
        """Do it. Nothing is raised: nobody would hear of it."""
