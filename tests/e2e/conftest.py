"""What the tests of the main job share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.estate import Estate


@pytest.fixture
def source(estate: Estate) -> Iterator[Path]:
    """The source file of book-shop; after the test it is as it was."""
    file = estate.top / "services" / "book-shop" / "app.py"
    before = file.read_text()
    yield file
    file.write_text(before)
