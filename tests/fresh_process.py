"""Statements in a Python process of their own."""

from __future__ import annotations

import subprocess
import sys


def loaded_by(statement: str) -> set[str]:
    """The modules of a fresh process after a statement."""
    return set(said_by(f"import sys\n{statement}\nprint(*sorted(sys.modules))").split())


def said_by(code: str) -> str:
    """What a fresh process prints."""
    argv = [sys.executable, "-c", code]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout
