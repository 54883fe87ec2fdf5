"""The version of an update, from where the stack file says."""

from __future__ import annotations

import tomllib
from typing import Any

from clients.git import Checkout, read_files
from clients.git_tags import tags_at
from infra.settings import Settings
from release.plan import Tree
from release.record_text import harmless
from release.versions import check_version, order


def version_of(settings: Settings, at: Checkout, tree: Tree) -> str | None:
    """The version; None if none is given, or if each image gets its own from the registry.

    What `-c version=` says wins: a rollback names an older version than the file or tag at hand.
    Raises `ValueError` if the source has none, or one that is no version.
    """
    if settings.version is not None or settings.release.version_from in ("config", "registry"):
        return settings.version
    if settings.release.version_from == "git-tag":
        return _of_tag(settings, at)
    return _of_pyproject(settings.release.pyproject, at, tree)


def _of_tag(settings: Settings, at: Checkout) -> str:
    pattern = settings.release.tag
    tags = tags_at(at, at.commit, pattern)
    versions = [check_version(tag) for tag in tags]
    if not versions:
        raise ValueError(
            f"the commit {at.commit[:7]} has no tag {pattern}, and the stack {settings.stack!r} "
            "takes its version from there. Make one: `slipway tag --suffix dev`; or check out a "
            f"commit that has one: `git tag --list '{pattern}'`; tags that were never fetched: "
            "`git fetch --tags`"
        )
    return max(versions, key=order)


def _of_pyproject(path: str, at: Checkout, tree: Tree) -> str:
    if path not in tree.ids:
        raise ValueError(
            f"there is no {path} in the repository, and the version is to come from it; add it, "
            "or say where it is with `release.pyproject` (a path from the top of the repository)"
        )
    return version_in(path, read_files(at, [tree.ids[path]])[tree.ids[path]])


def version_in(path: str, text: str) -> str:
    """The version that a pyproject.toml names. Raises `ValueError` that names its path."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        why = harmless(str(error))[:300] if isinstance(error, ValueError) else "nested too deeply"
        raise ValueError(f"{path} is not TOML: {why}") from None
    version = _get(document, "project", "version") or _get(document, "tool", "poetry", "version")
    if not isinstance(version, str):
        raise ValueError(f'{path} has no version: add `version = "1.2.0"` below [project]')
    try:
        return check_version(version)
    except ValueError as error:
        raise ValueError(f"{path}, project.version: {error}") from None


def _get(document: Any, *keys: str) -> Any:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document
