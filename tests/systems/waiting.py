"""What of the five systems waits for parts that are not built yet. Empty when all is."""

from __future__ import annotations

WAITING: tuple[tuple[str, str, str], ...] = ()
