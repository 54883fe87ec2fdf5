"""A list of what is wrong, told in one go."""

from __future__ import annotations

from dataclasses import dataclass, field

from release.record_text import harmless


@dataclass
class Problems:
    """Collects problems so that a user sees all of them at once."""

    lines: list[str] = field(default_factory=list)

    def add(self, where: str, what: str, way_out: str) -> None:
        """Notes one problem: the key or file, what is wrong with its value, and the way out."""
        self.lines.append(harmless(f"  {where}: {what}\n    {way_out}"))

    def raise_if_any(self, headline: str) -> None:
        """Raises `ValueError` with the headline and every problem, if there is one."""
        if self.lines:
            raise ValueError("\n".join([headline, *self.lines]))
