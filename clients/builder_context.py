"""The build context as a tar made from a git tree: same tree, same bytes, on any machine.

Ignored files, umask, owners and times of the work folder can't reach it. The context's content is
at the root of the tar, further inputs are under their path in the repository.
"""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from clients.builder_tree import ContextError, Entry, list_entries, read_contents
from clients.git import Checkout, read_files

# 1980-01-01, the first moment that a zip file (so a wheel or a jar) can hold. Never the commit's
# time: then every commit would give unchanged content another digest.
EPOCH = 315532800
# Where a Dockerfile from outside of the context is put.
OUTSIDE_DOCKERFILE = ".slipway.Dockerfile"


@dataclass(frozen=True, kw_only=True)
class ContextSource:
    """What of a git tree goes into a build; all paths are relative to the top of the tree."""

    tree: str
    """The id of a whole git tree."""
    context: str
    """The context folder; "." is the top."""
    dockerfile: str
    """The Dockerfile, inside or outside of the context."""
    extra_inputs: Sequence[str] = ()
    """Further files and folders."""

    def paths(self) -> list[str]:
        """Every path that the build reads."""
        own_ignore = f"{self.dockerfile}.dockerignore"
        return [self.context, self.dockerfile, own_ignore, *self.extra_inputs]


@dataclass(frozen=True)
class BuildContext:
    """An open temporary file with the tar, at its start, and the Dockerfile's path inside."""

    tar: IO[bytes]
    dockerfile: str
    size: int
    """Bytes."""

    dockerfile_text: str
    """What the Dockerfile says."""


def build_context(at: Checkout, source: ContextSource) -> BuildContext:
    """Make the tar in a temporary file, with three git processes. Raises ContextError."""
    entries = {entry.path: entry for entry in list_entries(at, source.tree, source.paths())}
    if source.dockerfile not in entries:
        raise ContextError(
            f"{source.dockerfile} is not in the tree {source.tree[:12]}; "
            "add the file, or mend `dockerfile`"
        )
    placed, dockerfile = _place(at, source, entries)
    target = tempfile.TemporaryFile(prefix="slipway-context-")  # noqa: SIM115
    try:
        with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as tar:
            _fill(tar, placed, read_contents(at, [entry for _, entry in placed]))
    except BaseException:
        target.close()
        raise
    size = target.tell()
    target.seek(0)
    oid = entries[source.dockerfile].oid
    return BuildContext(target, dockerfile, size, read_files(at, [oid])[oid])


def _place(
    at: Checkout, source: ContextSource, entries: dict[str, Entry]
) -> tuple[list[tuple[str, Entry]], str]:
    """Where each entry goes in the tar, sorted, and the Dockerfile's place."""
    if source.context in entries and entries[source.context].mode != "160000":
        raise ContextError(
            f"the context {source.context!r} is a file or a link, not a folder; mend `context`"
        )
    inside = {
        _below(source.context, path): entry
        for path, entry in entries.items()
        if _is_below(source.context, path)
    }
    if not inside:
        raise ContextError(
            f"the context {source.context!r} holds no file in git; commit or add "
            "its files, or mend `context`"
        )
    outside = not _is_below(source.context, source.dockerfile)
    dockerfile = OUTSIDE_DOCKERFILE if outside else _below(source.context, source.dockerfile)
    placed = dict(_kept(at, inside, dockerfile, entries.get(f"{source.dockerfile}.dockerignore")))
    placed[dockerfile] = entries[source.dockerfile]
    for path, entry in entries.items():
        if any(_is_below(extra, path) for extra in source.extra_inputs):
            if placed.get(path, entry) != entry:
                raise ContextError(
                    f"the input {path} collides with a file of the context "
                    f"{source.context!r}; rename one of them"
                )
            placed[path] = entry
    return sorted(placed.items()), dockerfile


def _kept(
    at: Checkout, inside: dict[str, Entry], dockerfile: str, own: Entry | None
) -> Iterator[tuple[str, Entry]]:
    """What .dockerignore leaves; the Dockerfile's own ignore file goes before the context's."""
    ignore = own or inside.get(".dockerignore")
    if ignore is None:
        yield from inside.items()
        return
    from docker.utils.build import PatternMatcher

    ((_, content),) = read_contents(at, [ignore])
    lines = (line.strip() for line in content.decode("utf-8-sig", "replace").splitlines())
    patterns = [line for line in lines if line and not line.startswith("#")]
    matcher = PatternMatcher([*patterns, f"!{dockerfile}"])
    yield from ((path, entry) for path, entry in inside.items() if not matcher.matches(path))


def _fill(
    tar: tarfile.TarFile,
    placed: Sequence[tuple[str, Entry]],
    contents: Iterable[tuple[Entry, bytes]],
) -> None:
    folders: set[str] = set()
    for (path, _), (entry, content) in zip(placed, contents, strict=True):
        for folder in reversed(PurePosixPath(path).parents[:-1] if "/" in path else ()):
            if str(folder) not in folders:
                folders.add(str(folder))
                tar.addfile(_member(str(folder), tarfile.DIRTYPE, 0o755))
        if entry.mode == "120000":
            link = _member(path, tarfile.SYMTYPE, 0o777)
            link.linkname = content.decode(errors="surrogateescape")
            tar.addfile(link)
        else:
            file = _member(path, tarfile.REGTYPE, 0o755 if entry.mode == "100755" else 0o644)
            file.size = len(content)
            tar.addfile(file, io.BytesIO(content))


def _member(path: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(path)
    member.type, member.mode, member.mtime = kind, mode, EPOCH
    return member


def _is_below(top: str, path: str) -> bool:
    return top == "." or path == top or path.startswith(f"{top}/")


def _below(top: str, path: str) -> str:
    return path if top == "." else path[len(top) + 1 :]
