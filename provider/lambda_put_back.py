"""What a function of Lambda ran before, and how it gets that back."""

from __future__ import annotations

import time
from dataclasses import dataclass

from clients import ClientError, lambda_
from clients.aws import AwsAccess
from clients.lambda_ import Alias, Function
from provider.resource import Call
from provider.rollout import split_image
from provider.verdict import Verdict

_POLL = 0.5  # seconds
_LIMIT = 120.0  # seconds for putting back


@dataclass(frozen=True, kw_only=True)
class Place:
    """A function and its alias, and how to reach it."""

    access: AwsAccess
    function: str
    alias: str


@dataclass(frozen=True, kw_only=True)
class Former:
    """What was before a rollout."""

    image: str
    """The image of $LATEST, by digest if that was known."""
    version: str | None
    """What the alias pointed at; None if there was no alias."""
    digest: str | None
    """What that version is."""


def former_of(place: Place, latest: Function, alias: Alias | None) -> Former:
    """What to put back. Raises AwsError."""
    repository = split_image(latest.image)[0]
    version = lambda_.function(place.access, place.function, place.alias) if alias else None
    return Former(
        image=f"{repository}@{latest.digest}" if latest.digest else latest.image,
        version=alias.version if alias else None,
        digest=version.digest if version else None,
    )


def put_back(call: Call, place: Place, former: Former) -> Verdict:
    """Point the alias at what it pointed at, and give $LATEST its former image.

    The alias first: that is what runs. A cancelled run does not stop this. Raises ClientError
    where it could not be put back.
    """
    alias = lambda_.alias(place.access, place.function, place.alias)
    if former.version is None and alias is not None:
        call.info(f"{place.function}: takes the alias {place.alias} away again")
        lambda_.unpoint(place.access, place.function, place.alias)
    elif former.version is not None and _differs(alias, former.version):
        call.info(f"{place.function}: {place.alias} goes back to version {former.version}")
        lambda_.point(place.access, place.function, place.alias, former.version, alias)
    _put_latest_back(place, former)
    if former.version is None:
        return Verdict(outcome="absent", why=f"nothing ran before: there is no alias {place.alias}")
    return Verdict(outcome="put-back", digest=former.digest, label=f"version {former.version}")


def _differs(alias: Alias | None, version: str) -> bool:
    return alias is None or alias.version != version or bool(alias.shared)


def _put_latest_back(place: Place, former: Former) -> None:
    deadline = time.monotonic() + _LIMIT
    asked = False
    while True:
        latest = lambda_.function(place.access, place.function)
        if latest is None:
            return
        if not latest.pending:
            if former.image.endswith(f"@{latest.digest}") or latest.image == former.image:
                return
            if asked and latest.failed:
                raise ClientError(f"$LATEST could not be put back: {latest.reason}")
            lambda_.update_code(place.access, place.function, former.image, latest.revision)
            asked = True
        if time.monotonic() > deadline:
            raise ClientError(f"$LATEST could not be put back: it is still {latest.update}")
        time.sleep(_POLL)
