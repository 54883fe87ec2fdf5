"""What a rollout on Docker gives back of a container as it is now."""

from __future__ import annotations

from clients.docker_container import Container
from provider.docker_place import Place
from provider.verdict import Verdict


def outputs_of(place: Place, found: Container | None) -> dict[str, object]:
    """What it runs, in words. Raises ClientError."""
    running = found if found is not None and found.running else None
    deployed = place.digest(running) if running else ""
    verdict = Verdict(outcome="running" if running else "absent", digest=deployed or None)
    return {
        "verdict": verdict.words,
        "running": {running.name: deployed} if running else {},
        "deployed_digest": deployed,
    }
