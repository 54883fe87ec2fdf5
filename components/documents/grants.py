"""Rights put together: what AWS can narrow to a resource, and what it can't."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.documents.ci_anywhere import ANYWHERE
from components.documents.statements import Statement, allow

GLOBAL = ("ecr-public:", "iam:", "sts:")
"""Services that answer in one region for all."""


@dataclass
class Grants:
    """Statements as they are added, and the actions that know no resource."""

    region: str
    """The region that those actions are narrowed to."""
    statements: list[Statement] = field(default_factory=list)
    anywhere: set[str] = field(default_factory=set)

    def give(
        self,
        sid: str,
        actions: Iterable[str],
        resources: str | Iterable[str],
        condition: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Allows the actions on the resources; those that know none, and have no condition to
        narrow them, are kept for `whole`."""
        wanted = set(actions)
        if condition is not None and resources == "*":
            self.statements.append(allow(sid, wanted, resources, condition))
            return
        self.anywhere |= wanted & ANYWHERE.keys()
        if named := wanted - ANYWHERE.keys():
            self.statements.append(allow(sid, named, resources, condition))

    def whole(self) -> list[Statement]:
        """All statements, those without a resource first."""
        everywhere = {each for each in self.anywhere if each.startswith(GLOBAL)}
        here = self.anywhere - everywhere
        region = {"StringEquals": {"aws:RequestedRegion": self.region}}
        first = [allow("KnowNoResource", here, "*", region)] if here else []
        if everywhere:
            first.append(allow("KnowNoRegionEither", everywhere, "*"))
        return [*first, *self.statements]
