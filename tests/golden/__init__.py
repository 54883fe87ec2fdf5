"""Texts that must not change unnoticed.

`UPDATE_GOLDEN=1 pytest tests/unit` writes them anew: read the diff before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent


def assert_golden(name: str, text: str) -> None:
    """Fails if a text differs from its golden file, or if there is none yet."""
    path = FOLDER / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert path.exists(), f"tests/golden/{name} is missing: run with UPDATE_GOLDEN=1 and read it"
    assert text == path.read_text(), f"differs from tests/golden/{name} (UPDATE_GOLDEN=1 rewrites)"
