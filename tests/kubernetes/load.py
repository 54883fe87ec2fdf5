"""Requests at a steady pace, each over a connection of its own."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

PACE = 0.01  # seconds from one to the next
_PATIENCE = 10.0  # a busy machine is slow, and loses nothing


@dataclass
class Load:
    """What came of them."""

    url: str
    good: int = 0
    failed: list[str] = field(default_factory=list)

    def ask(self) -> None:
        """One request."""
        try:
            with urllib.request.urlopen(self.url, timeout=_PATIENCE) as answer:
                answer.read()
            self.good += 1
        except OSError as error:
            self.failed.append(str(error))

    def __str__(self) -> str:
        return f"{self.good} answered, {len(self.failed)} failed"


@contextmanager
def loaded(url: str) -> Iterator[Load]:
    """Asks every 10 ms meanwhile; one that is slow holds no other up."""
    load, stop = Load(url), threading.Event()

    def pace(pool: ThreadPoolExecutor) -> None:
        due = time.monotonic()
        while not stop.wait(max(0.0, due - time.monotonic())):
            pool.submit(load.ask)
            due = max(due + PACE, time.monotonic())

    with ThreadPoolExecutor(32) as pool:
        thread = threading.Thread(target=pace, args=(pool,))
        thread.start()
        try:
            yield load
        finally:
            stop.set()
            thread.join()
