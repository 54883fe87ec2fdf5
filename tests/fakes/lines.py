"""A journal that keeps what stays."""

from __future__ import annotations


class Lines:
    """The facts, and the warnings among them; what only flashes by is kept apart."""

    def __init__(self) -> None:
        self.facts: list[str] = []
        self.passing: list[str] = []

    def info(self, urn: str, text: str) -> None:
        """A fact that stays."""
        self.facts.append(text)

    def warning(self, urn: str, text: str) -> None:
        """A fact that stays and is marked."""
        self.facts.append(f"warning: {text}")

    def status(self, urn: str, text: str) -> None:
        """What is being done."""
        self.passing.append(text)

    def debug(self, urn: str, text: str) -> None:
        """What is only shown when asked for."""
        self.passing.append(text)
