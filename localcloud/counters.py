"""Counts of what the cloud was asked to do, so that a test can say: nothing."""

import threading

NAMES = (
    "registry_writes",
    "registry_reads",
    "registry_requests",
    "layer_bytes",
    "blob_mounts",
    "ssm_commands",
    "ecs_deployments",
    "ecs_tasks",
    "lambda_invocations",
    "s3_writes",
    "api_writes",
    "api_calls",
)
READ_PREFIXES = ("Describe", "Get", "List", "Head", "BatchGet", "BatchCheck")


class Counters:
    """One number per name since the start or the last reset; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values = dict.fromkeys(NAMES, 0)

    def add(self, name: str, count: int = 1) -> None:
        """Counts `count` more of `name`."""
        with self._lock:
            self._values[name] += count

    def count_call(self, service: str, action: str) -> None:
        """Counts one AWS call, refused ones too: a no-op must not even try."""
        self.add("api_calls")
        if action.startswith(READ_PREFIXES):
            return
        self.add("api_writes")
        if service == "s3":
            self.add("s3_writes")
        if (service, action) == ("ssm", "SendCommand"):
            self.add("ssm_commands")

    def values(self) -> dict[str, int]:
        """All numbers by name."""
        with self._lock:
            return dict(self._values)

    def reset(self) -> None:
        """Sets all numbers to zero."""
        with self._lock:
            self._values = dict.fromkeys(NAMES, 0)
