"""One operation on one resource of a Docker engine."""

import threading
from dataclasses import dataclass
from typing import Any

from docker.errors import NotFound

from offline.plugin import table

from .logins import Logins


@dataclass(frozen=True, kw_only=True)
class Call(table.Call):
    """api: the engine's API. logins: who pulls. cancelled: set when the update is."""

    api: Any
    logins: Logins
    cancelled: threading.Event

    def is_gone(self, error: Exception) -> bool:
        """Whether the engine says that it has no such container or image."""
        return isinstance(error, NotFound)
