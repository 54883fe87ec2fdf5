"""A thin client of git: one look at the work tree, with the same number of processes whatever
its size."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from clients.git_index import SETTLED_CONFIG, dirty_submodules, hidden_files, look_again
from clients.git_process import GitError as GitError
from clients.git_process import HistoryError as HistoryError
from clients.git_process import alternates, ask_git, run_git, settled
from release.plan import Tree

# Where the objects of uncommitted content live: beside git's own, never among them.
OWN_OBJECTS = "slipway-objects"
_SUBMODULE = "160000"


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
        own = alternates([self.common / OWN_OBJECTS])
        return settled({"GIT_ALTERNATE_OBJECT_DIRECTORIES": own})


def checkout(folder: Path) -> Checkout:
    """Finds the work tree around a folder.

    Raises `GitError` if git is missing, the folder is in no repository, or nothing is committed.
    """
    words = ["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir"]
    words += ["--git-path", "index", "--is-shallow-repository", "--verify", "HEAD^{commit}"]
    try:
        said = ask_git(words, folder).split("\n")[:-1]
    except GitError as error:
        raise GitError(_why_no_checkout(folder, str(error))) from None
    if len(said) != 5:
        raise GitError(
            f"the path of the repository around {str(folder)!r} holds a line break, which git "
            "cannot tell apart from two paths; move the repository to another folder"
        )
    top, common, index, shallow, commit = said
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
    if "dubious ownership" in said:
        return (
            f"git does not trust the repository around {folder}, since it belongs to another user "
            "than the one who runs this. If you trust it, say so once with the command below (in a "
            f"container or a runner as well), or run this as its owner. git said:\n{said}"
        )
    if "must be run in a work tree" in said:
        return (
            f"{folder} is in a repository without a work tree (a bare one, or the .git folder "
            "itself). Run this from a clone or a work tree: `git worktree add`."
        )
    return f"git cannot read the repository around {folder}: {said}"


def read_tree(at: Checkout, main: str = "main") -> Tree:
    """What lies in the work tree now, uncommitted and untracked files included, ignored ones not.

    `main` is the branch that changes are explained against: `origin/<main>` if there is one, else
    `<main>`. The work tree, the index and git's own objects stay as they are.
    """
    tree = _write_tree(at)
    ids, submodules = _ids(at, tree)
    base = _where_it_left(at, main)
    return Tree(
        commit=at.commit,
        tree=tree,
        ids=ids,
        uncommitted=_differing(at, at.commit, tree) | dirty_submodules(at.top, submodules),
        changed=None if base is None else _differing(at, base, tree),
    )


def read_files(at: Checkout, ids: Iterable[str]) -> dict[str, str]:
    """The texts of blobs by their ids, from one git process.

    Bytes that are no UTF-8 are replaced.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    answer = run_git(["cat-file", "--batch"], at.top, at.environment, "\n".join(wanted).encode())
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
        environment = settled(
            {
                "GIT_INDEX_FILE": str(index),
                "GIT_OBJECT_DIRECTORY": str(own),
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": alternates([at.common / "objects"]),
            }
        )
        with ThreadPoolExecutor(max_workers=1) as beside:
            hidden = beside.submit(hidden_files, at.top)
            _add_all(at, index, environment, [])
        if hidden.result():
            _add_all(at, index, environment, hidden.result())
        return ask_git([*SETTLED_CONFIG, "write-tree"], at.top, environment).strip()


def _add_all(at: Checkout, index: Path, environment: Mapping[str, str], hidden: list[str]) -> None:
    if at.index.exists():
        # With its time: git trusts what an index says of a file only if the index is younger.
        # Taken before the copy, since another git may replace the index meanwhile.
        written = at.index.stat().st_mtime_ns
        shutil.copyfile(at.index, index)
        os.utime(index, ns=(written, written))
    if hidden:
        look_again(hidden, at.top, environment)
    ask_git([*SETTLED_CONFIG, "add", "--all", "--sparse"], at.top, environment)


def _ids(at: Checkout, tree: str) -> tuple[Mapping[str, str], list[str]]:
    """The id of each path, and which of them are submodules."""
    listing = ask_git(["ls-tree", "-r", "-t", "-z", "--full-tree", tree], at.top, at.environment)
    ids, submodules = {".": tree}, []
    for line in listing.split("\0")[:-1]:
        about, path = line.split("\t", 1)
        mode, _, ids[path] = about.split(" ")
        if mode == _SUBMODULE:
            submodules.append(path)
    return ids, submodules


def _where_it_left(at: Checkout, main: str) -> str | None:
    """The commit where the one at hand left the main branch; None if that is unknown."""
    names = [f"refs/remotes/origin/{main}", f"refs/heads/{main}"]
    found = ask_git(["for-each-ref", "--format=%(refname)", *names], at.top).split()
    for name in names:
        if name in found:
            try:
                return ask_git(["merge-base", name, at.commit], at.top).strip()
            except GitError:
                return None
    return None


def _differing(at: Checkout, base: str, tree: str) -> frozenset[str]:
    words = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", base, tree]
    return frozenset(ask_git(words, at.top, at.environment).split("\0")[:-1])
