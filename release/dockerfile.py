"""What a Dockerfile is made from: its base images, and those that it names by a tag."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from release.record_text import harmless

_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))")


@dataclass(frozen=True, kw_only=True)
class Base:
    """The image of one FROM."""

    image: str
    """As the builder asks for it, arguments filled in."""
    line: int
    """The line of its FROM, counted from 1."""
    arguments: tuple[str, ...] = ()
    """The build arguments that it is put together from."""

    @property
    def pinned(self) -> bool:
        """Whether a digest says which image it is."""
        return "@sha256:" in self.image


def tag_bases(text: str, args: Mapping[str, str]) -> tuple[str, ...]:
    """The base images after FROM that no digest pins, sorted; `args` are the build arguments."""
    return tuple(base for base in bases_of(text, args) if "@sha256:" not in base)


def base_hosts(text: str, args: Mapping[str, str]) -> set[str]:
    """The registry hosts of the base images; Docker Hub, which needs no name, is not among them."""
    hosts = {base.partition("/")[0] for base in bases_of(text, args) if "/" in base}
    return {host for host in hosts if "." in host or ":" in host}


def bases_of(text: str, args: Mapping[str, str]) -> tuple[str, ...]:
    """The base images after FROM, sorted; `args` are the build arguments."""
    return tuple(sorted({base.image for base in read_bases(text, args)}))


def read_bases(text: str, args: Mapping[str, str]) -> Iterator[Base]:
    """Every base image at its first FROM, in the order of the file.

    Stages of the same file and `scratch` are no base images. Arguments before the first FROM are
    filled in, as https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact
    says; one that has no value stays as it is written.
    """
    values: dict[str, str] = {}
    known = {"", "scratch"}
    before_the_first = True
    for number, line in _joined(text):
        word, _, rest = line.partition(" ")
        if word.upper() == "ARG" and before_the_first:
            name, _, default = rest.strip().partition("=")
            values[name] = args.get(name, default.strip("\"'"))
        elif word.upper() == "FROM":
            before_the_first = False
            words = [each for each in rest.split() if not each.startswith("--")]
            written = words[0] if words else ""
            image = harmless(_filled(written, values))
            if image not in known:
                known.add(image)
                names = tuple(each[1] or each[3] for each in _VARIABLE.finditer(written))
                yield Base(image=image, line=number, arguments=names)
            if len(words) == 3 and words[1].upper() == "AS":
                known.add(words[2])


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """The instructions, each with the line that it begins at; comments are left out."""
    begun, parts = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        begun = begun if parts else number
        parts += re.sub(r"\\[ \t]*$", " ", line)
        if not re.search(r"\\[ \t]*$", line):
            yield begun, parts.strip()
            parts = ""
    if parts:
        yield begun, parts.strip()


def _filled(word: str, values: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1] or found[3]
        return values.get(name) or found[2] or found[0]

    return _VARIABLE.sub(value, word)
