"""Lines for the person who watches `pulumi up`, sent to the engine and shown at their resource."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Protocol

from release.record_text import harmless

_STATUS_EVERY = 0.1  # seconds: the display is drawn no faster
_LONGEST = 200  # characters of a status line


class Journal(Protocol):
    """Where lines go."""

    def info(self, urn: str, text: str) -> None:
        """A fact that stays in the output of the run."""

    def warning(self, urn: str, text: str) -> None:
        """A fact that stays, and that somebody should look at."""

    def status(self, urn: str, text: str) -> None:
        """What is being done; the next one takes its place."""

    def debug(self, urn: str, text: str) -> None:
        """Shown only with `pulumi --debug`."""


class EngineJournal:
    """Sends lines to the Pulumi engine; a lost engine is no error. Safe in threads."""

    def __init__(self, address: str) -> None:
        """`address` is host:port of the engine, as the plugin gets it in its argv."""
        import grpc
        from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

        self._pb = engine_pb2
        self._error = grpc.RpcError
        self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))
        self._waiting: dict[str, str] = {}
        self._lock = threading.Lock()

    def info(self, urn: str, text: str) -> None:
        """A fact that stays in the output of the run."""
        with self._lock:
            self._waiting.pop(urn, None)
        self._send(self._line(self._pb.INFO, urn, text))

    def warning(self, urn: str, text: str) -> None:
        """A fact that stays, and that somebody should look at."""
        self._send(self._line(self._pb.WARNING, urn, text))

    def status(self, urn: str, text: str) -> None:
        """What is being done; of lines that come too fast the last one is shown."""
        with self._lock:
            is_first = urn not in self._waiting
            self._waiting[urn] = text
        if is_first:
            timer = threading.Timer(_STATUS_EVERY, self._show, [urn])
            timer.daemon = True
            timer.start()

    def debug(self, urn: str, text: str) -> None:
        """Shown only with `pulumi --debug`."""
        self._send(self._line(self._pb.DEBUG, urn, text))

    def _show(self, urn: str) -> None:
        with self._lock:
            text = self._waiting.pop(urn, None)
        if text is not None:
            self._send(self._line(self._pb.INFO, urn, text[:_LONGEST], ephemeral=True))

    def _line(self, severity: int, urn: str, text: str, *, ephemeral: bool = False) -> object:
        """What builds and machines say is part of it: nothing of that moves a terminal."""
        return self._pb.LogRequest(
            severity=severity,  # type: ignore[arg-type]
            message=harmless(text),
            urn=urn,
            ephemeral=ephemeral,
        )

    def _send(self, line: object) -> None:
        with suppress(self._error):
            self._engine.Log(line, timeout=5)
