"""Names of images: the stack file's templates, filled in, held to the registry's grammar, and read
back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from release.templates import FIELDS as FIELDS
from release.templates import template_of

# https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
REPOSITORY = re.compile(
    r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
)


def fields_of(template: str) -> frozenset[str]:
    """The fields a template uses. Raises `ValueError` for one that does not exist."""
    return template_of(template).fields


def is_build_name(template: str) -> bool:
    """Whether a name is given when content is built, and not at every update."""
    return bool(fields_of(template) & {"sha", "short_sha"})


def is_movable(name: str) -> bool:
    """Whether a name may move from one digest to another: `latest` and `latest-…` alone."""
    return name == "latest" or name.startswith("latest-")


def render_tag(template: str, values: Mapping[str, str]) -> str:
    """The tag a template gives; where the template writes a v, the version's own is left out.

    Raises `ValueError` if a registry would not take it, or if it could not be read back to these
    values. Movable names may be made of anything: nobody reads them back.
    """
    name = template_of(template).filled(values)
    _check(template, name, TAG, "a tag", "up to 128 of A-Z a-z 0-9")
    if not is_movable(name):
        check_reversible(template)
        _check_read_back(template, name, values, {})
    return name


def render_repository(template: str, values: Mapping[str, str]) -> str:
    """The repository a template gives. Raises `ValueError` if a registry would not take it, or if
    the image could not be read back."""
    name = template_of(template).filled(values)
    _check(template, name, REPOSITORY, "a repository", "lower case")
    check_reversible(template)
    # Whoever reads a repository's name knows the stack.
    _check_read_back(template, name, values, {k: v for k, v in values.items() if k == "stack"})
    return name


def parse_name(template: str, name: str) -> Mapping[str, str] | None:
    """The values that a name of this template was made of; None if it is not one of its names.

    A version comes back without its v where the template itself writes the v. A name that could
    have been made in two ways was never made, and is None too.
    """
    return _one(list(template_of(template).readings(name, {})))


def parse_repository(
    template: str, repository: str, known: Mapping[str, str] | None = None
) -> str | None:
    """The image whose repository this is; None if it is not one of this template's.

    `known` are values of other fields, say the stack's name.
    """
    read = _one(list(template_of(template).readings(repository, known or {})))
    return None if read is None else read.get("image")


def check_reversible(template: str) -> str:
    """Gives the template back if its names can be read back; raises `ValueError` that says why not.

    Two fields must have something between them. What only some values make ambiguous (`{version}-
    {stack}` for 1.2.0-rc and dev) is refused by `render_tag`, for these values.
    """
    taken = template_of(template)
    for letters, field in taken.parts[1:]:
        if not letters:
            raise ValueError(
                f"{template!r} cannot be read back: nothing tells where {{{field}}} begins; "
                "put . _ or - between two fields"
            )
    return template


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


def _check(template: str, text: str, grammar: re.Pattern[str], kind: str, allowed: str) -> None:
    if not grammar.fullmatch(text):
        raise ValueError(
            f"the template {template!r} gives {text!r}, which is not {kind} that a registry takes; "
            f"allowed: {allowed}, joined by . _ or -"
        )


def _check_read_back(
    template: str, name: str, values: Mapping[str, str], known: Mapping[str, str]
) -> None:
    taken = template_of(template)
    made_of = taken.values(values)
    readings = list(taken.readings(name, known))
    if readings == [made_of]:
        return
    if made_of not in readings:
        told = ", ".join(f"{field}={value!r}" for field, value in sorted(made_of.items()))
        raise ValueError(
            f"the template {template!r} gives {name!r}, which does not tell {told} again; allowed: "
            "a version such as v1.2.0, a commit id of 40 digits, an image or stack name"
        )
    other = next(reading for reading in readings if reading != made_of)
    told = ", ".join(f"{field}={value!r}" for field, value in other.items())
    raise ValueError(
        f"the template {template!r} gives {name!r}, which could also be {told}; "
        "put _ between the fields, or give one of them another name"
    )


def _one(readings: list[dict[str, str]]) -> Mapping[str, str] | None:
    return readings[0] if len(readings) == 1 else None
