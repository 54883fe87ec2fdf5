"""Files of a git tree as they are in git, whatever the work folder looks like."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from clients import ClientError
from clients.git import Checkout
from clients.git_lfs import LfsError, fetched_content, is_pointer


class ContextError(ClientError):
    """The tree does not hold what the build needs, or holds what can't be built from."""


@dataclass(frozen=True)
class Entry:
    """One line of `git ls-tree`."""

    mode: str
    oid: str
    path: str


def list_entries(at: Checkout, tree: str, wanted: Iterable[str]) -> Iterator[Entry]:
    """Every file, link and submodule of a tree at or below the `wanted` paths."""
    argv = ["git", "-C", str(at.top), "ls-tree", "-r", "-z", "--full-tree", tree]
    paths = sorted(set(wanted))
    if "." not in paths:
        argv += ["--", *paths]
    done = subprocess.run(argv, env=at.environment, capture_output=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise ContextError(
            f"git can't read the tree {tree}: {done.stderr.decode(errors='replace').strip()}"
        )
    for line in done.stdout.decode(errors="surrogateescape").split("\0")[:-1]:
        about, _, path = line.partition("\t")
        mode, _, oid = about.split(" ")
        yield Entry(mode, oid, path)


def read_contents(at: Checkout, entries: Sequence[Entry]) -> Iterator[tuple[Entry, bytes]]:
    """The entries with their content, one at a time, from one git process."""
    for entry in entries:
        if entry.mode == "160000":
            raise ContextError(
                f"{entry.path} is a submodule, whose files are not in this "
                "repository's tree; copy them in, or exclude it in .dockerignore"
            )
    with tempfile.TemporaryFile() as wanted:
        wanted.write("".join(f"{entry.oid}\n" for entry in entries).encode())
        wanted.seek(0)
        argv = ["git", "-C", str(at.top), "cat-file", "--batch", "--buffer"]
        with subprocess.Popen(  # noqa: S603
            argv,
            env=at.environment,
            stdin=wanted,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as git:
            if git.stdout is None:
                raise AssertionError("stdout was asked to be a pipe")
            for entry in entries:
                yield entry, _real(at, entry, _read(git.stdout, entry))


def _read(stream: IO[bytes], entry: Entry) -> bytes:
    header = stream.readline().split()
    if len(header) != 3 or header[1] != b"blob":
        raise ContextError(
            f"git does not have the content of {entry.path} ({entry.oid}); "
            "run `git fsck`, or fetch with full history"
        )
    content = stream.read(int(header[2]))
    stream.read(1)
    return content


def _real(at: Checkout, entry: Entry, content: bytes) -> bytes:
    if not is_pointer(content):
        return content
    try:
        return fetched_content(at.common, content)
    except LfsError as error:
        raise ContextError(f"{entry.path} {error}") from None


def changed_files(at: Checkout, before: str, after: str, paths: Iterable[str]) -> list[str] | None:
    """The files below `paths` that differ between two trees; None if git no longer has one."""
    argv = ["git", "--literal-pathspecs", "-C", str(at.top), "diff-tree", "-r", "-z"]
    argv += ["--name-only", "--no-renames", before, after, "--", *sorted(set(paths))]
    done = subprocess.run(argv, env=at.environment, capture_output=True, check=False)  # noqa: S603
    if done.returncode != 0:
        return None
    return done.stdout.decode(errors="replace").split("\0")[:-1]
