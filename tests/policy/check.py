"""What a row of the table is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.policy.resources import Loosening, Resource, Resources, of

NOTHING, HELD, OPEN = "-", "held", "open"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One demand on recorded resources."""

    ids: str
    """Ids in checkov (CKV…) and Security Hub, or the rule's own name, separated by commas."""
    title: str
    """What is demanded."""
    about: Callable[[Resources], Iterable[Resource]]
    """What it is about; a stack without any of that has nothing to check."""
    open_in: Callable[[Resources], Iterable[Resource]]
    """The resources that don't meet it."""
    loosened: Loosening
    """A change of any stack's resources after which it must be open."""
    accepted: str = ""
    """Why it may be open by default, and which setting closes it."""

    def outcome(self, resources: Resources) -> str:
        """`held`, `open`, or `-` where there is nothing of the kind."""
        if not list(self.about(resources)):
            return NOTHING
        return OPEN if list(self.open_in(resources)) else HELD


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A check that no resource of ours is asked for, and why."""

    ids: str
    """Its ids, separated by commas."""
    title: str
    """What it demands."""
    reason: str
    """Why it is not asked, or where it is held instead."""


def on_each(
    types: tuple[str, ...] | str,
    *,
    ids: str,
    title: str,
    holds: Callable[[Resource], bool],
    loosened: Loosening,
    among: Callable[[Resource], bool] = lambda _: True,
    accepted: str = "",
) -> Check:
    """A demand that every resource of its types (of those `among` them) meets by itself."""
    kinds = (types,) if isinstance(types, str) else types

    def about(resources: Resources) -> list[Resource]:
        return [one for one in of(resources, *kinds) if among(one)]

    return Check(
        ids=ids,
        title=title,
        about=about,
        open_in=lambda resources: [one for one in about(resources) if not holds(one)],
        loosened=loosened,
        accepted=accepted,
    )


def beside(
    type_: str,
    companion: str,
    *,
    key: str,
    ids: str,
    title: str,
    holds: Callable[[Resource], bool],
    loosened: Loosening,
    accepted: str = "",
) -> Check:
    """A demand on a companion that every resource of a type must have: one with the same `key`."""

    def open_in(resources: Resources) -> list[Resource]:
        return [
            one
            for one in of(resources, type_)
            if not any(
                other.get(key.split("=")[-1]) == one.get(key.split("=")[0]) and holds(other)
                for other in of(resources, companion)
            )
        ]

    return Check(
        ids=ids,
        title=title,
        about=lambda resources: of(resources, type_),
        open_in=open_in,
        loosened=loosened,
        accepted=accepted,
    )
