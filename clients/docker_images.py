"""Local images of a Docker engine that a release leaves behind: found, and removed from it alone.

No registry is asked or changed here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from clients import ClientError


class NoEngineError(ClientError):
    """No Docker engine answers here."""


@dataclass(frozen=True, kw_only=True)
class LocalImage:
    """One image of the engine."""

    id: str
    """sha256:… of its configuration."""
    references: tuple[str, ...]
    """Every name it has here: repository:tag and repository@digest."""
    users: tuple[str, ...] = ()
    """Containers made from it, running or not."""


@dataclass(frozen=True, kw_only=True)
class Leftovers:
    """What goes, and what would go if no container used it."""

    go: tuple[str, ...]
    """References to remove."""
    stay: Mapping[str, tuple[str, ...]]
    """References of images in use, with the containers that use them."""


def leftovers(
    images: Iterable[LocalImage],
    *,
    repositories: Collection[str],
    names: Collection[str],
    dev_repositories: Collection[str],
) -> Leftovers:
    """Chooses among local images: the release's names in this stack's repositories, and every
    image of the dev repositories, whatever its tag. All others are nobody's business here.

    Repositories are host/path, names are tags.
    """
    released = {f"{repository}:{name}" for repository in repositories for name in names}
    go: list[str] = []
    stay: dict[str, tuple[str, ...]] = {}
    for image in images:
        for reference in image.references:
            if reference in released or _repository(reference) in dev_repositories:
                if image.users:
                    stay[reference] = image.users
                else:
                    go.append(reference)
    return Leftovers(go=tuple(sorted(go)), stay=dict(sorted(stay.items())))


class DockerImages:
    """The engine that DOCKER_HOST (or Docker's default) leads to."""

    def __init__(self) -> None:
        """Raises NoEngineError if none answers."""
        self._engine = engine()

    def images(self) -> list[LocalImage]:
        """Every image with a name, and the containers that use it."""
        users: dict[str, list[str]] = {}
        with told("listing the local images"):
            for container in self._engine.api.containers(all=True):
                name = str((container.get("Names") or [container["Id"][:12]])[0]).lstrip("/")
                users.setdefault(container["ImageID"], []).append(name)
            listed = self._engine.api.images()
        return [_image(each, users) for each in listed]

    def remove(self, reference: str) -> bool:
        """Takes one name away, and the image with its last one; False if it was gone already.

        Never by force: an image that a container has begun to use meanwhile stays, with an error.
        """
        from docker.errors import ImageNotFound

        with told(f"removing {reference}"):
            try:
                self._engine.api.remove_image(reference, force=False)
            except ImageNotFound:
                return False
        return True


def _image(said: Mapping[str, Any], users: Mapping[str, list[str]]) -> LocalImage:
    names = [*(said.get("RepoTags") or ()), *(said.get("RepoDigests") or ())]
    return LocalImage(
        id=said["Id"],
        references=tuple(name for name in names if "<none>" not in name),
        users=tuple(sorted(users.get(said["Id"], ()))),
    )


def _repository(reference: str) -> str:
    bare = reference.partition("@")[0]
    # A colon after the last slash begins a tag; before it, a port.
    head, slash, last = bare.rpartition("/")
    return head + slash + last.partition(":")[0]


def engine() -> Any:
    """The SDK's client of the engine at hand. Raises NoEngineError if none answers."""
    import docker
    from docker.errors import DockerException

    try:
        found = docker.from_env(timeout=60)
        found.ping()
    except (DockerException, OSError) as error:
        raise NoEngineError(f"no Docker engine answers here: {error}") from None
    return found


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Turns what the Docker SDK raises into a ClientError."""
    from docker.errors import DockerException

    try:
        yield
    except (DockerException, OSError) as error:
        said = getattr(error, "explanation", None) or error
        raise ClientError(f"{doing}: {said}") from None
