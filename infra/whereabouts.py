"""Which account, region and profile a stack belongs to, from all places that may say so.

Account and region say where the stack is: whoever names them has to name the same ones. The
profile says how to log in: the stack file wins over the environment, that over `.env`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from infra.env_file import Said, read_env_files

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
# Credentials that are at hand already, which AWS's own tools take before any profile's.
_LOGGED_IN = ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE")


def locate(
    project: str,
    stack: str,
    config: Mapping[str, str],
    environment: Mapping[str, str],
    folder: Path,
) -> tuple[dict[str, str], dict[str, Said]]:
    """The configuration with what the environment and `.env` add to it; and who said what, by
    `account`, `region`, `profile`.

    `folder` is that of Pulumi.yaml. A stack with keys of its own (a local cloud) takes nothing from
    elsewhere. Raises `ValueError` for a contradiction, naming both places and values.
    """
    if config.get("aws:accessKey"):
        return dict(config), {}
    outside = read_env_files(folder) | _said_by(environment)
    _check_form(outside)
    in_file = {
        "account": _said_in(config, f"{project}:account", stack),
        "region": _said_in(config, "aws:region", stack),
        "profile": _said_in(config, "aws:profile", stack),
    }
    said = {
        "account": _agreed(in_file["account"], outside.get("AWS_ACCOUNT_ID"), stack),
        "region": _agreed(in_file["region"], outside.get("AWS_REGION"), stack),
        "profile": in_file["profile"] or _profile(outside.get("AWS_PROFILE"), environment),
    }
    known = {name: each for name, each in said.items() if each is not None}
    merged = dict(config)
    for name, key in (("account", f"{project}:account"), ("region", "aws:region")):
        if name in known:
            merged[key] = known[name].value
    if "profile" in known and known["profile"].file:
        merged["aws:profile"] = known["profile"].value
    return merged, known


def _said_by(environment: Mapping[str, str]) -> dict[str, Said]:
    names = {
        "AWS_ACCOUNT_ID": ("AWS_ACCOUNT_ID",),
        "AWS_REGION": ("AWS_REGION", "AWS_DEFAULT_REGION"),
        "AWS_PROFILE": ("AWS_PROFILE",),
    }
    found = {}
    for key, variables in names.items():
        for variable in variables:
            if value := environment.get(variable):
                found[key] = Said(value=value, place=f"{variable} of the environment")
                break
    return found


def _said_in(config: Mapping[str, str], key: str, stack: str) -> Said | None:
    value = config.get(key)
    return Said(value=value, place=f"{key} in Pulumi.{stack}.yaml") if value else None


def _agreed(in_file: Said | None, outside: Said | None, stack: str) -> Said | None:
    if in_file and outside and in_file.value != outside.value:
        raise ValueError(
            f"{in_file.place} is {in_file.value!r}, but {outside.place} is {outside.value!r}. "
            f"Nothing was done. If the stack {stack!r} is the one that is meant, remove "
            f"{outside.place}; else select the other stack"
        )
    return in_file or outside


def _profile(outside: Said | None, environment: Mapping[str, str]) -> Said | None:
    logged_in = any(environment.get(each) for each in _LOGGED_IN)
    return None if outside and outside.file and logged_in else outside


def _check_form(outside: Mapping[str, Said]) -> None:
    """What the stack file itself says is checked with all the rest of it."""
    for key, form, allowed in (
        ("AWS_ACCOUNT_ID", _ACCOUNT, "12 digits"),
        ("AWS_REGION", _REGION, "a region of AWS, such as eu-west-1"),
    ):
        said = outside.get(key)
        if said and not form.fullmatch(said.value):
            raise ValueError(f"{said.place} is {said.value!r}; allowed: {allowed}")
