"""Waiting until a container runs, and until its own health check says that it is well."""

import time

from offline.plugin.waiting import WaitError
from offline.plugin.wire import State

from .call import Call

_SETTLE = 0.5  # seconds in which a program that can't start has ended


def await_running(call: Call, resource_id: str) -> None:
    """Raises WaitError if a container that must run has ended right after its start."""
    if not call.props.get("mustRun", True):
        return
    call.cancelled.wait(_SETTLE)
    told = call.api.inspect_container(resource_id)["State"]
    if not told["Running"] and not told.get("Restarting"):
        said = f": {told['Error']}" if told.get("Error") else ""
        raise WaitError(
            f"container '{call.props['name']}' ended right after its start with exit code "
            f"{told['ExitCode']}{said}; run its image by hand to see why (`docker run --rm -it "
            f"{call.props['image']}`), or set mustRun to false"
        )


def await_healthy(call: Call) -> None:
    """Raises WaitError if it is not healthy within waitTimeout seconds, or has no check."""
    name, seconds = call.props["name"], float(call.props.get("waitTimeout") or 60)
    end = time.monotonic() + seconds
    while True:
        told = call.api.inspect_container(call.id)["State"]
        health = told.get("Health")
        if not health:
            raise WaitError(
                f"container '{name}' has no health check to wait for; give it a healthcheck, or "
                "set wait to false"
            )
        if health["Status"] == "healthy":
            return
        if time.monotonic() >= end:
            raise WaitError(
                f"container '{name}' was not healthy within {seconds:.0f} s; {_last(told)}; "
                f"`docker logs {name}` shows what it wrote"
            )
        if call.cancelled.wait(0.5):
            raise WaitError(f"container '{name}': waiting for its health was cancelled")


def _last(told: State) -> str:
    """What the last check said."""
    if not told["Running"]:
        return f"it ended with exit code {told['ExitCode']}"
    log = told["Health"].get("Log") or []
    if not log:
        return "no check has ended yet"
    said = " ".join(str(log[-1].get("Output") or "").split())[:200]
    return f"its last check ended with {log[-1]['ExitCode']}: {said or 'no output'}"
