"""A container's output in CloudWatch Logs, as the awslogs driver writes it: an event per line."""

import threading
import time
from collections.abc import Iterable

from moto.logs.models import logs_backends

LARGEST = 262_118
"""Bytes of one event (Amazon CloudWatch Logs quotas: 256 KB with 26 bytes of its own)."""
LOCK = threading.Lock()


class LogError(Exception):
    """CloudWatch Logs' reason why there is no stream to write to."""


class LogStream:
    """One stream of a group that exists; made if it isn't there."""

    def __init__(
        self, account: str, region: str, group: str, stream: str, *, create: bool = False
    ) -> None:
        """Raises LogError if the group does not exist and may not be created."""
        self._backend = logs_backends[account][region]
        self._group, self._stream = group, stream
        with LOCK:
            if group not in self._backend.groups:
                if not create:
                    reason = "ResourceNotFoundException: The specified log group does not exist."
                    raise LogError(reason)
                self._backend.create_log_group(group, {})
            self._backend.ensure_log_stream(group, stream)

    def write(self, lines: Iterable[bytes]) -> None:
        """Appends an event per line, at the time of now; a group that is gone loses them."""
        now = int(time.time() * 1000)
        events = [
            {"timestamp": now, "message": part.decode(errors="replace")}
            for line in lines
            for part in cut(line)
        ]
        held = self._backend.groups.get(self._group)
        if events and held is not None and self._stream in held.streams:
            with LOCK:
                held.streams[self._stream].put_log_events(events)

    def follow(self, chunks: Iterable[bytes]) -> threading.Thread:
        """Writes the lines of an output as they come, from a thread; join it to have all."""

        def work() -> None:
            rest = b""
            for chunk in chunks:
                *whole, rest = (rest + chunk).split(b"\n")
                self.write(line.rstrip(b"\r") for line in whole)
            self.write([rest] if rest else [])

        thread = threading.Thread(target=work, daemon=True, name=f"log-{self._stream}")
        thread.start()
        return thread


def cut(line: bytes) -> list[bytes]:
    """A line in parts that CloudWatch Logs takes; an empty line is no event."""
    return [line[at : at + LARGEST] for at in range(0, len(line), LARGEST)]
