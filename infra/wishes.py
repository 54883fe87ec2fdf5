"""Wishes for one update: `-c bump=minor`, or `SLIPWAY_BUMP=minor`; they do not stick.

Pulumi saves what `-c` says into the stack file, even when it only previews. A wish is therefore
taken out of the file again by the run that reads it: a plain `pulumi up` never repeats it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What is said to the program by the environment alone, so that it can't stick."""

    release: str | None = None
    """The image that gets a new version even if it did not change (`slipway release`)."""
    hold: str | None = None
    """Why this is a rollback (`slipway rollback`): the stack is held at it."""

    adopt: bool = False
    """Repositories and bucket that exist already are taken over, not made."""

    @staticmethod
    def of(environment: Mapping[str, str]) -> Wishes:
        """From SLIPWAY_RELEASE, SLIPWAY_HOLD and SLIPWAY_ADOPT."""
        return Wishes(
            release=environment.get("SLIPWAY_RELEASE") or None,
            hold=environment.get("SLIPWAY_HOLD") or None,
            adopt=environment.get("SLIPWAY_ADOPT", "").lower() in ("true", "1"),
        )


WISHES = ("all", "bump", "source", "cleanup")


def with_environment(
    project: str, config: Mapping[str, str], environment: Mapping[str, str]
) -> dict[str, str]:
    """The configuration with the wishes of the environment (`SLIPWAY_ALL` and its like) in it.

    An empty variable is no wish. Raises `ValueError` if file and environment disagree.
    """
    merged = dict(config)
    for wish in WISHES:
        key, variable = f"{project}:{wish}", f"SLIPWAY_{wish.upper()}"
        value = environment.get(variable, "")
        if not value:
            continue
        if config.get(key, value) != value:
            raise ValueError(
                f"{key} is {config[key]!r} but {variable} says {value!r}; nothing was done. "
                f"Say it once: `pulumi config rm {key}`, or unset {variable}"
            )
        merged[key] = value
    return merged


def stuck_wishes(project: str, config: Mapping[str, str]) -> list[str]:
    """The keys of the wishes that Pulumi has saved."""
    return [key for wish in WISHES if (key := f"{project}:{wish}") in config]


def take_back(file: Path, keys: list[str]) -> list[str]:
    """Removes these keys from a stack file, all else as it was; gives back the keys that stay.

    Written beside the file and moved over it, so that it is never seen half written.
    """
    try:
        text = file.read_text()
        line = re.compile(rf"^[ ]+[\"']?(?:{'|'.join(map(re.escape, keys))})[\"']?:[^\n]*\n?", re.M)
        kept = line.sub("", text)
        if kept != text:
            beside = file.with_name(f".{file.name}.{os.getpid()}")
            beside.write_text(kept)
            beside.chmod(file.stat().st_mode)
            beside.replace(file)
    except OSError:
        return keys
    return [key for key in keys if f"{key}:" in kept]
