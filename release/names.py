"""Names of images: the stack file's templates, filled in and held to the registry's grammar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from string import Formatter

FIELDS = ("sha", "short_sha", "version", "image", "stack")

# https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
REPOSITORY = re.compile(
    r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
)


def fields_of(template: str) -> frozenset[str]:
    """The fields a template uses. Raises `ValueError` for one that does not exist."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"{template!r} is not a template: {error}") from None
    used = {name for _, name, _, _ in parts if name is not None}
    if any(spec or conversion for _, _, spec, conversion in parts) or used - set(FIELDS):
        allowed = " ".join(f"{{{name}}}" for name in FIELDS)
        raise ValueError(f"{template!r} has an unknown field; allowed: {allowed}")
    return frozenset(used)


def is_build_name(template: str) -> bool:
    """Whether a name is given when content is built, and not at every update."""
    return bool(fields_of(template) & {"sha", "short_sha"})


def is_movable(name: str) -> bool:
    """Whether a name may move from one digest to another: `latest` and `latest-…` alone."""
    return name == "latest" or name.startswith("latest-")


def render_tag(template: str, values: Mapping[str, str]) -> str:
    """The tag a template gives. Raises `ValueError` if a registry would not take it."""
    return _checked(template, template.format_map(values), TAG, "a tag", "up to 128 of A-Z a-z 0-9")


def render_repository(template: str, values: Mapping[str, str]) -> str:
    """The repository a template gives. Raises `ValueError` if a registry would not take it."""
    return _checked(template, template.format_map(values), REPOSITORY, "a repository", "lower case")


def mark_dirty(name: str, key: str) -> str:
    """A build name for content that no commit holds: it says so, and is unique to the content."""
    return f"{name[:100]}-dirty-{key[:8]}"


def sort_names(
    templates: Iterable[str], values: Mapping[str, str]
) -> tuple[list[str], list[str], list[str]]:
    """The build names, the release names and the movable ones, each as rendered tags."""
    build: list[str] = []
    release: list[str] = []
    movable: list[str] = []
    for template in templates:
        name = render_tag(template, values)
        if is_movable(name):
            movable.append(name)
        elif is_build_name(template):
            build.append(name)
        else:
            release.append(name)
    return build, release, movable


def _checked(template: str, text: str, grammar: re.Pattern[str], kind: str, allowed: str) -> str:
    if not grammar.fullmatch(text):
        raise ValueError(
            f"the template {template!r} gives {text!r}, which is not {kind} that a registry takes; "
            f"allowed: {allowed}, joined by . _ or -"
        )
    return text
