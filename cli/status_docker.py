"""What a Docker engine runs of a service."""

from __future__ import annotations

from clients.docker_container import Container
from clients.docker_containers import DockerContainers
from infra.places import DockerPlace
from release.record_text import plain
from release.status import Seen


def look_at_container(place: DockerPlace, wanted: str | None) -> list[Seen]:
    """What runs under the service's label; of several that don't run, the newest.

    `wanted` is the record's digest. Raises ClientError.
    """
    engine = DockerContainers(place.engine)
    found = engine.of_owner(place.owner)
    if not found:
        return [
            Seen(
                service=place.name,
                target="docker",
                where=place.engine,
                state="absent",
                well=False,
                why=f"no container has the label {place.owner}",
            )
        ]
    running = [each for each in found if each.running]
    return [_seen(place, engine, each, wanted) for each in running or found[:1]]


def _seen(
    place: DockerPlace, engine: DockerContainers, container: Container, wanted: str | None
) -> Seen:
    why = _why(container)
    digests = [each for listed in engine.digests(container.image_id).values() for each in listed]
    return Seen(
        service=place.name,
        target="docker",
        where=container.name,
        state=container.state,
        well=not why,
        why=why,
        # An image may have been pulled by more than one name.
        digest=wanted if wanted in digests else next(iter(digests), None),
        since=str(container.document["State"].get("StartedAt") or "") if container.running else "",
        health=container.health,
        facts={"restarts": str(container.restarts)},
    )


def _why(container: Container) -> str:
    if not container.running:
        return f"exit code {container.exit_code} {plain(container.error)}".strip()
    return f"its check says: {plain(container.said)}" if container.health == "unhealthy" else ""
