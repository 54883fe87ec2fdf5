"""Sources that a test changes, and that are afterwards as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Edit = Callable[[str, str], None]


@contextmanager
def edits_of(file: Path) -> Iterator[Edit]:
    """Gives what puts a new text into the place of an old one, which has to be there."""
    before = file.read_text()

    def edit(old: str, new: str) -> None:
        text = file.read_text()
        assert old in text, f"{file} holds no {old!r}"
        file.write_text(text.replace(old, new))

    yield edit
    file.write_text(before)
