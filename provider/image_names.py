"""The names of an image: which are free, which are given after a build, which a person is told."""

from __future__ import annotations

from clients.registry import NameTakenError, Registry
from clients.registry_tags import Guard, check_names, claim, give_names, names_of
from provider.image_inputs import ImageInputs
from provider.resource import Old


def check_free(registry: Registry, wanted: ImageInputs, old: Old | None) -> None:
    """Refuse before the build if a release name is taken; a rebuild may find its own again."""
    before = old.outputs.get("digest") if old and old.inputs.get("key") == wanted.key else None
    for name in wanted.release_names:
        found = registry.head(name)
        if found not in (None, before):
            raise NameTakenError(registry.repository, name, "content yet to be built", found)


def name_built(
    registry: Registry, wanted: ImageInputs, built: str, guarded: Guard | None = None
) -> str:
    """Name what was built; the digest that has the content key in the end.

    The key is claimed after the other names are known to be free, so that a refusal is the same
    at the next try. A build of the same content that was first wins.
    """
    names = [*wanted.build_names, *wanted.release_names]
    digest = registry.head(wanted.content_name) or built
    try:
        check_names(registry, digest, names)
    except NameTakenError:
        if registry.head(wanted.content_name) in (None, digest):
            raise
    digest = claim(registry, digest, wanted.content_name)
    give_names(registry, digest, names, wanted.movable_names, guarded=guarded)
    return digest


def remembered_name(wanted: ImageInputs, digest: str, old: Old | None) -> str | None:
    """The first release name, else the name that the state has for this digest."""
    if wanted.release_names:
        return wanted.release_names[0]
    if old is None or old.outputs.get("digest") != digest:
        return None
    tag = str(old.outputs.get("tag", ""))
    return tag if tag and not tag.startswith("src-") else None


def found_name(registry: Registry, wanted: ImageInputs, digest: str) -> str | None:
    """A name that the image has in the registry: of this commit, else the last in order."""
    movable = set(wanted.movable_names)
    names = [
        name
        for name in names_of(registry, digest)
        if not name.startswith(("src-", "latest")) and name not in movable
    ]
    of_this_commit = [name for name in wanted.build_names if name in names]
    return next(iter([*of_this_commit, *reversed(names)]), None)
