"""How content moves from stack to stack, and what waits on its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from release.history_days import StackHistory
from release.notes import Change


@dataclass(frozen=True, kw_only=True)
class Commits:
    """What lies between two records, as git tells it."""

    ahead: tuple[Change, ...] | None
    """The commits that the origin has and the stack has not, newest first; None if git can't
    say."""
    unknown: str = ""
    """Why git can't say."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What a stack could promote."""

    origin: str
    stack: str
    differing: tuple[str, ...]
    """Images whose digest is not the origin's."""
    same: int
    """Images that are the origin's."""
    missing: tuple[str, ...]
    """Images that the origin has and the stack has not yet."""
    commits: Commits | None
    """None where one of both was never deployed."""

    @property
    def settled(self) -> bool:
        """Whether every image is the origin's."""
        return not self.differing and not self.missing


def in_order(stacks: Sequence[StackHistory]) -> list[StackHistory]:
    """Origins before what promotes from them, else by name."""
    named = {each.stack: each for each in stacks}

    def way(stack: StackHistory) -> tuple[str, ...]:
        names = [stack.stack]
        origin = stack.promotes_from
        while origin is not None and origin not in names:
            names.append(origin)
            origin = named[origin].promotes_from if origin in named else None
        return tuple(reversed(names))

    # Those that belong to a path come first: that is what most readers look for.
    targets = {each.promotes_from for each in stacks}
    alone = {s.stack for s in stacks if s.promotes_from is None and s.stack not in targets}
    return sorted(stacks, key=lambda each: (each.stack in alone, way(each)))


def edges(stacks: Sequence[StackHistory]) -> list[tuple[StackHistory, StackHistory]]:
    """Pairs of origin and stack, as far as both are among the stacks, in order."""
    named = {each.stack: each for each in stacks}
    return [
        (named[each.promotes_from], each)
        for each in in_order(stacks)
        if each.promotes_from in named and each.promotes_from != each.stack
    ]


def waiting(
    stacks: Sequence[StackHistory], between: Mapping[tuple[str, str], Commits]
) -> tuple[Waiting, ...]:
    """What waits at each step of the way; `between` by origin and stack."""
    found = []
    for origin, stack in edges(stacks):
        ours = {n: e.digest for n, e in stack.current.images.items()} if stack.current else {}
        theirs = {n: e.digest for n, e in origin.current.images.items()} if origin.current else {}
        both = sorted(ours.keys() & theirs.keys())
        found.append(
            Waiting(
                origin=origin.stack,
                stack=stack.stack,
                differing=tuple(each for each in both if ours[each] != theirs[each]),
                same=sum(ours[each] == theirs[each] for each in both),
                missing=tuple(sorted(theirs.keys() - ours.keys())),
                commits=between.get((origin.stack, stack.stack)),
            )
        )
    return tuple(found)
