"""The place of a service on a Docker engine: what is in it, and how that gets back there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from clients import ClientError
from clients.docker_container import Container
from clients.docker_containers import DockerContainers
from provider.docker_wait import await_healthy
from provider.index_children import AskedImage
from provider.resource import Call
from provider.verdict import Verdict

_LIMIT = 120.0  # seconds for putting back


@dataclass(frozen=True, kw_only=True)
class Place:
    """A service of one engine."""

    engine: DockerContainers
    image: AskedImage
    owner: str
    drain: int
    """Seconds that a container has to end."""
    former: Collection[str] = ()
    """Names of the containers that ran at the last look: whoever has one of these now has taken
    the place by hand."""

    def taken_by(self, running: Sequence[Container], asked: Container) -> list[Container]:
        """Those of `running` that are in the place of `asked`."""
        ours = (each for each in running if each.owner == self.owner or each.name in self.former)
        return [each for each in ours if each.id != asked.id]

    def digest(self, found: Container) -> str:
        """The digest that a container runs: the asked one, or one that its image was pulled by.

        Empty if its image has none any more. Raises ClientError.
        """
        digests = self.engine.digests(found.image_id)
        listed = digests.get(self.image.repository) or [
            d for each in digests.values() for d in each
        ]
        asked = next((each for each in listed if self.image.is_(each)), None)
        return self.image.digest if asked else next(iter(listed), "")


def running_verdict(place: Place, before: Sequence[Container]) -> Verdict:
    """That what ran still runs: nothing was switched."""
    if not before:
        return Verdict(outcome="absent", why="nothing ran before")
    return Verdict(outcome="kept", digest=place.digest(before[0]), label=before[0].name)


def put_back(call: Call, place: Place, asked: Container, before: Sequence[Container]) -> Verdict:
    """End the asked container, and start what ran before.

    A cancelled run does not stop this. Raises ClientError where it could not be put back.
    """
    place.engine.stop(asked.id, place.drain)
    if not before:
        return Verdict(outcome="absent", why="nothing ran before")
    for each in before:
        call.info(f"{each.name} is started again")
        place.engine.start(each.id)
    for each in before:
        try:
            await_healthy(None, place.engine, each.id, _LIMIT)
        except ClientError as error:
            raise ClientError(f"{each.name} was started again, but {error}") from None
    return Verdict(outcome="put-back", digest=place.digest(before[0]), label=before[0].name)
