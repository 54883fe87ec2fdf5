"""What a release leaves on the machine it was made on: local images and the builder's cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from clients import ClientError
from clients.builder_cache import bound_cache, builder_of
from clients.docker_images import DockerImages, Leftovers, NoEngineError, leftovers


@dataclass(frozen=True, kw_only=True)
class CleanupWish:
    """What is to go."""

    repositories: tuple[str, ...]
    """This stack's repositories, host/path: their images with one of `names` go."""
    dev_repositories: tuple[str, ...]
    """Repositories whose images all go."""
    names: tuple[str, ...]
    """The names of the release."""
    cache_gb: int
    """GB that the builder's cache may keep."""
    builder: str | None = None
    """The builder that the stack file names."""


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """What went, what stayed, and what could not be done."""

    removed: tuple[str, ...] = ()
    """References that went, or would go."""
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """References in use, with the containers that use them."""
    cache: str | None = None
    """How much of the builder's cache went, as buildx says it."""
    notes: tuple[str, ...] = ()
    """What is no error: no engine here, no builder of ours."""
    failures: tuple[str, ...] = ()
    """What was tried and refused; never a reason for a release to fail."""

    def lines(self, *, done: bool) -> list[str]:
        """The outcome for a person; `done` is False for a dry run."""
        verb = "removed" if done else "would remove"
        said = [f"{verb} {reference} (local image)" for reference in self.removed]
        for reference, users in self.kept.items():
            said.append(f"kept {reference}: used by {', '.join(users)}")
        if self.cache is not None:
            said.append(f"the builder's cache: {self.cache} removed")
        return [*said, *self.notes]


def survey(wish: CleanupWish) -> Cleaned:
    """What a clean-up would do, by one look at the engine."""
    try:
        found = _leftovers(DockerImages(), wish)
    except NoEngineError as error:
        return Cleaned(notes=(_no_engine(error),))
    except ClientError as error:
        return Cleaned(failures=(str(error),))
    builder = builder_of(wish.builder)
    note = f"the cache of the builder {builder} would be held to {wish.cache_gb} GB"
    notes = (note if builder else _not_ours(),)
    return Cleaned(removed=found.go, kept=found.stay, notes=notes)


def clean(wish: CleanupWish) -> Cleaned:
    """Removes what is to go; each failure is told and stops nothing else."""
    removed: list[str] = []
    kept: dict[str, tuple[str, ...]] = {}
    notes: list[str] = []
    failures: list[str] = []
    try:
        engine = DockerImages()
        found = _leftovers(engine, wish)
        kept.update(found.stay)
        for reference in found.go:
            try:
                if engine.remove(reference):
                    removed.append(reference)
            except ClientError as error:
                failures.append(str(error))
    except NoEngineError as error:
        notes.append(_no_engine(error))
    except ClientError as error:
        failures.append(str(error))
    cache = _bound(wish, notes, failures)
    return Cleaned(
        removed=tuple(removed),
        kept=kept,
        cache=cache,
        notes=tuple(notes),
        failures=tuple(failures),
    )


def _leftovers(engine: DockerImages, wish: CleanupWish) -> Leftovers:
    return leftovers(
        engine.images(),
        repositories=wish.repositories,
        names=wish.names,
        dev_repositories=wish.dev_repositories,
    )


def _bound(wish: CleanupWish, notes: list[str], failures: list[str]) -> str | None:
    builder = builder_of(wish.builder)
    if builder is None:
        notes.append(_not_ours())
        return None
    try:
        gone = bound_cache(builder, wish.cache_gb)
    except ClientError as error:
        failures.append(str(error))
        return None
    if gone is None:
        notes.append(f"there is no builder {builder} here, so no cache to bound")
    return gone


def _no_engine(error: NoEngineError) -> str:
    return f"{error}; so there are no local images to remove"


def _not_ours() -> str:
    return "the cache of $BUILDX_BUILDER stays: it is not slipway's, and no stack file names it"
