"""Names of an image in its repository: given by a manifest PUT, never moved, found again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from clients.aws import client, translated
from clients.registry import Manifest, NameTakenError, Registry
from clients.registry_http import RegistryError

_MOST_HEADS = 50

# Called with repository, name and digest; claims the name for the digest unless somebody was
# first, and gives back the digest that owns it.
Guard = Callable[[str, str, str], str]


def check_names(registry: Registry, digest: str, names: Iterable[str]) -> list[str]:
    """The names among `names` that `digest` does not have yet, by one HEAD each.

    Raises NameTakenError when one belongs to another digest.
    """
    wanted = list(names)
    missing = []
    for name, found in zip(wanted, _heads(registry, wanted), strict=True):
        if found is None:
            missing.append(name)
        elif found != digest:
            raise NameTakenError(registry.repository, name, digest, found)
    return missing


def give_names(
    registry: Registry,
    digest: str,
    names: Iterable[str],
    movable: Iterable[str] = (),
    guarded: Guard | None = None,
) -> list[str]:
    """Give `digest` all of `names`, and move `movable` to it; the names that were written.

    All names are checked before the first is written, so that a refusal changes nothing.
    Raises NameTakenError when one of `names` belongs to another digest.
    """
    missing = check_names(registry, digest, names)
    moving = missing_movable(registry, digest, movable)
    if not missing and not moving:
        return []
    manifest = registry.get(digest)
    for name in missing:
        name_manifest(registry, manifest, name, guarded)
    for name in moving:
        _put(registry, manifest, name)
    return [*missing, *moving]


def missing_movable(registry: Registry, digest: str, movable: Iterable[str]) -> list[str]:
    """The names among `movable` that are not at `digest`, by one HEAD each."""
    names = list(movable)
    found = _heads(registry, names)
    return [name for name, at in zip(names, found, strict=True) if at != digest]


def name_manifest(
    registry: Registry, manifest: Manifest, name: str, guarded: Guard | None = None
) -> None:
    """Give a manifest a name that is free and never moves.

    Private ECR itself refuses the second of two that write one name. Any other registry takes
    both, and the last one wins: there `guarded` is asked first, and only the digest that owns the
    name is written. Raises NameTakenError.
    """
    if guarded is not None and registry.keychain.ecr_region(registry.host) is None:
        owner = guarded(registry.repository, name, manifest.digest)
        if owner != manifest.digest:
            raise NameTakenError(registry.repository, name, manifest.digest, owner)
    _put(registry, manifest, name)


def claim(registry: Registry, digest: str, name: str) -> str:
    """Give `name` to `digest` unless somebody was first; the digest that has it in the end."""
    found = registry.head(name)
    if found is not None:
        return found
    try:
        registry.put(registry.get(digest), name)
    except RegistryError as error:
        # Another writer came between, or the first reply was lost: what the registry has, counts.
        found = registry.head(name)
        if found is None:
            raise error from None
        return found
    return digest


def names_of(registry: Registry, digest: str) -> list[str]:
    """The tags of `digest`: in ECR by one call; elsewhere among at most 50 tags of the list."""
    region = registry.keychain.ecr_region(registry.host)
    if region is not None:
        with translated(f"listing the names of {registry.repository}@{digest}"):
            answer = client(registry.keychain.access(), "ecr", region).describe_images(
                **_ecr_account(registry.host),
                repositoryName=registry.path,
                imageIds=[{"imageDigest": digest}],
            )
        return sorted(str(tag) for tag in answer["imageDetails"][0].get("imageTags", ()))
    candidates = [tag for tag in sorted(registry.tags()) if not tag.startswith("src-")][
        -_MOST_HEADS:
    ]
    return [
        tag
        for tag, found in zip(candidates, _heads(registry, candidates), strict=True)
        if found == digest
    ]


def _ecr_account(host: str) -> dict[str, str]:
    account = host.split(".", 1)[0]
    return {"registryId": account} if account.isdigit() and len(account) == 12 else {}


def _heads(registry: Registry, names: list[str]) -> list[str | None]:
    if len(names) < 2:
        return [registry.head(name) for name in names]
    with ThreadPoolExecutor(min(8, len(names))) as pool:
        return list(pool.map(registry.head, names))


def _put(registry: Registry, manifest: Manifest, name: str) -> None:
    try:
        registry.put(manifest, name)
    except RegistryError as error:
        found = registry.head(name)
        if found is None:
            raise error from None
        if found != manifest.digest:
            raise NameTakenError(registry.repository, name, manifest.digest, found) from None
