"""What a Dockerfile is made from: its base images, and those that it names by a tag."""

from __future__ import annotations

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))")


def tag_bases(text: str, args: Mapping[str, str]) -> tuple[str, ...]:
    """The base images after FROM that no digest pins, sorted; `args` are the build arguments."""
    return tuple(base for base in bases_of(text, args) if "@sha256:" not in base)


def base_hosts(text: str, args: Mapping[str, str]) -> set[str]:
    """The registry hosts of the base images; Docker Hub, which needs no name, is not among them."""
    hosts = {base.partition("/")[0] for base in bases_of(text, args) if "/" in base}
    return {host for host in hosts if "." in host or ":" in host}


def bases_of(text: str, args: Mapping[str, str]) -> tuple[str, ...]:
    """The base images after FROM, sorted; `args` are the build arguments.

    Stages of the same file and `scratch` are no base images. Arguments before the first FROM are
    filled in, as https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact
    says; one that has no value stays as it is written.
    """
    values: dict[str, str] = {}
    stages: set[str] = set()
    bases: set[str] = set()
    for line in _joined(text):
        word, _, rest = line.partition(" ")
        if word.upper() == "ARG" and not bases and not stages:
            name, _, default = rest.strip().partition("=")
            values[name] = args.get(name, default.strip("\"'"))
        elif word.upper() == "FROM":
            words = [each for each in rest.split() if not each.startswith("--")]
            base = _filled(words[0], values) if words else ""
            if base and base not in stages and base != "scratch":
                bases.add(base)
            stages.add(words[2] if len(words) == 3 and words[1].upper() == "AS" else "")
    return tuple(sorted(bases))


def _joined(text: str) -> list[str]:
    whole = re.sub(r"\\[ \t]*\n", " ", text)
    return [line.strip() for line in whole.splitlines() if not line.lstrip().startswith("#")]


def _filled(word: str, values: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1] or found[3]
        return values.get(name) or found[2] or found[0]

    return _VARIABLE.sub(value, word)
