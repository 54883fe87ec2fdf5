"""One asyncio loop in a thread, for the servers that stream."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for threads that cannot await."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="loop", daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T], seconds: float = 300) -> T:
        """Runs `work` on the loop and gives its result, or raises what it raised."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)

    def stop(self) -> None:
        """Ends the loop; what still runs on it is dropped."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
