"""What a team has committed, built, tested and released: what the next update has to bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.histories.world import DEV, PROD, SERVICES, STACKS
from tests.invariants import Running, Version, Wanted, check


@dataclass(frozen=True, kw_only=True)
class Tree:
    """The files of one commit that images read."""

    editions: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(SERVICES, 0))
    words: str = "zero"
    moods: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(SERVICES, "well"))

    def content(self, service: str) -> str:
        """What a service of this commit answers; another mood is another edition."""
        return f"{self.editions[service]} {self.words}"

    @property
    def well(self) -> bool:
        """Whether every service of it can be healthy."""
        return set(self.moods.values()) == {"well"}

    def edited(self, service: str, edition: int, mood: str = "well") -> Tree:
        """With a service changed."""
        return replace(
            self,
            editions={**self.editions, service: edition},
            moods={**self.moods, service: mood},
        )


@dataclass(frozen=True, kw_only=True)
class Good:
    """An update after which the pointer named what ran."""

    record: str
    version: str | None
    running: Mapping[str, Running]

    @property
    def wanted(self) -> Wanted:
        """What going back to it has to bring."""
        return {
            name: Version(content=str(each.content), digest=each.digest)
            for name, each in self.running.items()
        }


@dataclass
class Model:
    """Everything that was learned of a history so far, from the estate's own words."""

    tree: Tree = field(default_factory=Tree)
    commit: str = ""
    past: list[Tree] = field(default_factory=list)
    changes: int = 0
    """Counts up: no two edits are the same."""
    built: dict[tuple[str, str], str] = field(default_factory=dict)
    """By service and content: the digest."""
    tested: dict[str, set[str]] = field(default_factory=lambda: {each: set() for each in SERVICES})
    """By service: what ran well in dev."""
    good: dict[str, list[Good]] = field(default_factory=lambda: {each: [] for each in STACKS})
    versions: int = 0

    @property
    def wanted(self) -> Wanted:
        """What dev runs when this commit is deployed."""
        return {
            name: Version(
                content=self.tree.content(name),
                digest=self.built.get((name, self.tree.content(name))),
            )
            for name in SERVICES
        }

    def next_change(self) -> int:
        self.changes += 1
        return self.changes

    def learn_built(self, names: Mapping[str, str]) -> None:
        """The images that got the name of this commit are of its content."""
        for service in SERVICES:
            digest = names.get(f"{service}:{self.commit}")
            if digest is not None:
                self.learn(service, self.tree.content(service), digest)

    def learn(self, service: str, content: str, digest: str) -> None:
        """A content is one digest, and a digest is one content."""
        known = self.built.setdefault((service, content), digest)
        check("f", known == digest, f"{service} of {content!r} was {known} and is {digest}")
        others = {c for (s, c), d in self.built.items() if s == service and d == digest}
        check("f", others == {content}, f"{service}: {digest} is all of {sorted(others)}")

    def learn_running(self, stack: str, running: Mapping[str, Running]) -> None:
        """What runs well in dev is tested there."""
        for name, each in running.items():
            if each.digest and each.content and each.healthy:
                self.learn(name, each.content, each.digest)
                if stack == DEV:
                    self.tested[name].add(each.digest)

    def releases(self) -> dict[str, Good]:
        """By version, what it was when it first ran well in prod."""
        found: dict[str, Good] = {}
        for each in self.good[PROD]:
            found.setdefault(str(each.version), each)
        return found
