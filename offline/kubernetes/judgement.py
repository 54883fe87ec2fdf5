"""What a judgement on an object is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Object = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """How far an object is."""

    done: bool
    """Whether it is ready."""
    words: str = ""
    """What is missing."""
    failed: bool = False
    """Whether it can't get ready any more."""


class Look(Protocol):
    """What else of the cluster the judgement needs."""

    def get(self, api_version: str, kind: str, name: str) -> Object | None:
        """One object of the same namespace."""

    def listed(self, api_version: str, kind: str, **parameters: str) -> list[Object]:
        """Objects of the same namespace."""


READY = Readiness(done=True)
Judge = Callable[[Object, Look], Readiness]


def status_of(live: Object) -> Object:
    """Its status, empty if it has none."""
    return live.get("status") or {}
