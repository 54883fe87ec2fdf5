"""Build secrets: told to BuildKit by reference, so that no value is in argv, state or key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from clients.builder_choice import BuildError

# Shorter lines are found in ordinary output too; hiding them would make a log unreadable.
_SHORTEST = 6
_MOUNT = re.compile(r"--mount=(\S*)")


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """The secrets of one build."""

    arguments: tuple[str, ...]
    """For buildx: which, and where BuildKit reads them; no value."""
    values: tuple[str, ...]
    """What must not be shown."""


def secrets_of(
    image: str,
    declared: Mapping[str, str],
    dockerfile: str,
    top: Path,
    environment: Mapping[str, str],
) -> Secrets:
    """The declared secrets that the Dockerfile mounts, and no other.

    `declared` has env:NAME or file:PATH by id; a relative path begins at the top of the repository.
    https://docs.docker.com/build/building/secrets/ Raises BuildError for one that is not there.
    """
    arguments, values = [], []
    for name in sorted(mounted(dockerfile) & declared.keys()):
        kind, _, where = declared[name].partition(":")
        if kind == "env":
            if where not in environment:
                raise BuildError(
                    f"{image}: its Dockerfile mounts the secret {name!r}, and the environment has "
                    f"no {where}; set it for this run, or mend `build.secrets`"
                )
            arguments.append(f"--secret=id={name},env={where}")
            values.append(environment[where])
        else:
            file = top / Path(where).expanduser()
            arguments.append(f"--secret=id={name},src={file}")
            values.append(_read(image, name, file))
    lines = {line.strip() for value in values for line in (value, *value.splitlines())}
    return Secrets(
        arguments=tuple(arguments),
        values=tuple(sorted(line for line in lines if len(line) >= _SHORTEST)),
    )


def mounted(dockerfile: str) -> set[str]:
    """The ids of the secrets that a Dockerfile mounts."""
    return set(_ids(dockerfile))


def _ids(dockerfile: str) -> Iterator[str]:
    for found in _MOUNT.finditer(dockerfile):
        options = dict(part.partition("=")[::2] for part in found[1].split(","))
        if options.get("type") == "secret":
            target = options.get("target") or options.get("dst") or options.get("destination") or ""
            yield options.get("id") or target.rpartition("/")[2]


def _read(image: str, name: str, file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError as error:
        raise BuildError(
            f"{image}: its Dockerfile mounts the secret {name!r}, and {file} can't be read: "
            f"{error.strerror}; put it there, or mend `build.secrets`"
        ) from None
