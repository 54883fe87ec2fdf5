"""A thin client of git: one look at the work tree, with the same number of processes whatever
its size."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from clients import ClientError
from release.plan import Tree

# Where the objects of uncommitted content live: beside git's own, never among them.
OWN_OBJECTS = "slipway-objects"


class GitError(ClientError):
    """git could not say what was asked; the message is for the user."""


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """Where a work tree and its repository are."""

    top: Path
    """The top folder of the work tree."""
    common: Path
    """The repository's folder (.git), shared by all work trees."""
    index: Path
    """The index file of this work tree."""
    commit: str
    """The commit that is checked out."""
    shallow: bool
    """Whether history was cut off by the clone."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which git reads uncommitted content too."""
        own = str(self.common / OWN_OBJECTS)
        return {**os.environ, "GIT_ALTERNATE_OBJECT_DIRECTORIES": own}


def checkout(folder: Path) -> Checkout:
    """Finds the work tree around a folder.

    Raises `GitError` if git is missing, the folder is in no repository, or nothing is committed.
    """
    words = ["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir"]
    words += ["--git-path", "index", "--is-shallow-repository", "--verify", "HEAD^{commit}"]
    try:
        top, common, index, shallow, commit = _git(words, folder).splitlines()
    except GitError as error:
        raise GitError(_why_no_checkout(folder, str(error))) from None
    return Checkout(
        top=Path(top),
        common=Path(common),
        index=Path(index),
        shallow=shallow == "true",
        commit=commit,
    )


def _why_no_checkout(folder: Path, said: str) -> str:
    if "not a git repository" in said:
        return (
            f"{folder} is not in a git repository, and images are named and found by git's ids. "
            "Run `git init`, commit, and try again; or run this from inside the repository."
        )
    if "Needed a single revision" in said:
        return f"The repository around {folder} has no commit yet. Commit once and try again."
    return f"git cannot read the repository around {folder}: {said}"


def read_tree(at: Checkout, main: str = "main") -> Tree:
    """What lies in the work tree now, uncommitted and untracked files included, ignored ones not.

    `main` is the branch that changes are explained against: `origin/<main>` if there is one, else
    `<main>`. The work tree, the index and git's own objects stay as they are.
    """
    tree = _write_tree(at)
    head, base = _compare_with(at, main)
    return Tree(
        commit=at.commit,
        tree=tree,
        ids=_ids(at, tree),
        uncommitted=_differing(at, head, tree),
        changed=None if base is None else _differing(at, base, tree),
    )


def read_files(at: Checkout, ids: Iterable[str]) -> dict[str, str]:
    """The texts of blobs by their ids, from one git process.

    Bytes that are no UTF-8 are replaced.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    answer = _run(["cat-file", "--batch"], at.top, at.environment, "\n".join(wanted).encode())
    texts, position = {}, 0
    for oid in wanted:
        end = answer.index(b"\n", position)
        size = int(answer[position:end].split()[2])
        texts[oid] = answer[end + 1 : end + 1 + size].decode(errors="replace")
        position = end + 1 + size + 1
    return texts


def _write_tree(at: Checkout) -> str:
    own = at.common / OWN_OBJECTS
    own.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="slipway-index-") as folder:
        index = Path(folder) / "index"
        if at.index.exists():
            shutil.copy2(at.index, index)
        environment = {
            **os.environ,
            "GIT_INDEX_FILE": str(index),
            "GIT_OBJECT_DIRECTORY": str(own),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(at.common / "objects"),
        }
        _git(["-c", "advice.addEmbeddedRepo=false", "add", "--all"], at.top, environment)
        return _git(["write-tree"], at.top, environment).strip()


def _ids(at: Checkout, tree: str) -> Mapping[str, str]:
    listing = _git(["ls-tree", "-r", "-t", "-z", tree], at.top, at.environment)
    ids = {".": tree}
    for line in listing.split("\0")[:-1]:
        about, path = line.split("\t", 1)
        ids[path] = about.split(" ")[2]
    return ids


def _compare_with(at: Checkout, main: str) -> tuple[str, str | None]:
    """The commit at hand, and where it left the main branch (None: unknown)."""
    names = [f"refs/remotes/origin/{main}", f"refs/heads/{main}"]
    found = _git(["for-each-ref", "--format=%(refname)", *names], at.top).split()
    for name in names:
        if name in found:
            try:
                return at.commit, _git(["merge-base", name, at.commit], at.top).strip()
            except GitError:
                return at.commit, None
    return at.commit, None


def _differing(at: Checkout, base: str, tree: str) -> frozenset[str]:
    words = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", base, tree]
    return frozenset(_git(words, at.top, at.environment).split("\0")[:-1])


def _git(words: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    return _run(words, folder, environment).decode(errors="surrogateescape")


def _run(
    words: list[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
) -> bytes:
    argv = ["git", "-C", str(folder), *words]
    settled = {**(environment or os.environ), "LC_ALL": "C"}
    try:
        done = subprocess.run(argv, env=settled, input=stdin, capture_output=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise GitError("git is not on PATH; install it and try again") from None
    if done.returncode != 0:
        raise GitError(done.stderr.decode(errors="replace").strip() or f"git {words[0]} failed")
    return done.stdout
