"""Versions from the registry: content gets the next one of its repository, once (seed 002)."""

from __future__ import annotations

from functools import partial

from clients import ClientError
from clients.git_history import messages_since
from clients.registry import NameTakenError, Registry
from clients.registry_tags import give_names, names_of
from provider.configured import Configured
from provider.image_inputs import ImageInputs
from provider.resource import Call
from release.names import is_build_name, parse_name, render_tag
from release.next_version import NextVersion, commit_in, next_version, versions_in
from release.versions import latest_plain

_TRIES = 10


class VersionRaceError(ClientError):
    """Others took every version that was tried."""


def give_version(
    call: Call,
    configured: Configured,
    registry: Registry,
    wanted: ImageInputs,
    digest: str | None,
    preview: bool,
) -> str | None:
    """The name by version that a digest has, or gets now; None without `version_names`.

    Content that has a version keeps it, unless a new one is asked for. Of two runs that want the
    same version for different content one finds it taken and takes the next. In a preview (the
    digest may be None) the next version is told and given back, but not given.
    """
    if not wanted.version_names:
        return None
    for _ in range(_TRIES):
        found = _version(configured, registry, wanted, digest)
        names = _names(wanted, found.version)
        if not found.new:
            return names[0]
        why = _why(found, wanted)
        if preview:
            call.info(f"{wanted.image}: will be {', '.join(names)}: {why}")
            return names[0]
        try:
            give_names(registry, str(digest), names, guarded=configured.guard)
        except NameTakenError:
            call.info(f"{wanted.image}: {names[0]} was taken meanwhile; looking again")
            continue
        call.info(f"{wanted.image}: {digest} is {', '.join(names)}: {why}")
        return names[0]
    raise VersionRaceError(
        f"{wanted.image}: {_TRIES} versions in a row were taken by others while this one was "
        "being given; run the update again"
    )


def _version(
    configured: Configured, registry: Registry, wanted: ImageInputs, digest: str | None
) -> NextVersion:
    """The version that the digest has, or is to get, by what the registry says at this moment."""
    # The list first: what it has, the names of the digest have too.
    given = versions_in(wanted.version_names, registry.all_tags())
    held = versions_in(wanted.version_names, names_of(registry, digest)) if digest else []
    return next_version(
        given,
        held=held,
        wish=wanted.bump,
        messages=partial(_messages, configured, registry, wanted, latest_plain(given)),
        anew=wanted.new_version,
    )


def _messages(
    configured: Configured, registry: Registry, wanted: ImageInputs, latest: str | None
) -> list[str]:
    """The messages since the commit that the latest version was made from."""
    name = _names(wanted, str(latest))[0]
    names = names_of(registry, str(registry.head(name)))
    since = commit_in(wanted.version_names, names, str(latest)) or _commit_beside(wanted, names)
    if since is None:
        raise ClientError(
            f"{wanted.image}: {registry.repository}:{name} has no name that holds its commit, so "
            "the messages since then are not known. Say the bump: `-c bump=patch` (minor, major)"
        )
    return messages_since(configured.checkout, since, wanted.source.paths())


def _commit_beside(wanted: ImageInputs, names: list[str]) -> str | None:
    """The commit in a name such as sha-<commit>, which stands beside the version's."""
    for template in wanted.sha_names:
        for name in names:
            fields = parse_name(template, name) or {}
            if commit := fields.get("sha") or fields.get("short_sha"):
                return commit
    return None


def _why(found: NextVersion, wanted: ImageInputs) -> str:
    if found.latest is None:
        return "the first version"
    asked = "as asked for" if wanted.bump else "by the messages of its commits"
    return f"{found.bump} after {found.latest}, {asked}"


def _names(wanted: ImageInputs, version: str) -> list[str]:
    """The names of a version made from this commit; the one without a commit comes first."""
    values = {"version": version, "sha": wanted.commit, "short_sha": wanted.commit[:7]}
    in_order = sorted(wanted.version_names, key=is_build_name)
    return [render_tag(template, values) for template in in_order]
