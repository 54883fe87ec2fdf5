"""What git prints of a repository that anybody may have written to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st

from clients.git import Checkout, _ids, read_files
from clients.git_changes import changes_between
from clients.git_graph import commit_graph
from clients.git_history import log_between, messages_since
from clients.git_lfs import fetched_content, is_pointer
from clients.git_process import GitError
from clients.git_tags import tags
from release.notes import Change, release_notes
from release.record_text import plain
from tests.attacks.corpora import Text, damaged, every, near
from tests.attacks.parser import Parser, check_shown

A, B = "a" * 40, "b" * 40
_AT = Checkout(
    top=Path("/nowhere"),
    common=Path("/nowhere/.git"),
    index=Path("/nowhere/.git/index"),
    commit=A,
    shallow=False,
)
# git writes what a commit object says: any number that fits 64 bits, and more.
SECONDS = st.one_of(
    st.integers(0, 2**64), st.sampled_from((0, 1_800_000_000, 253402300800, 2**63 - 1, 10**18))
)
LINE = Text.map(lambda text: text.replace("\n", " ").replace("\0", " "))
PATH = near("services/api/app.py", "-rf", "$(touch canary)", ":(top)x", "a\nb").map(
    lambda text: text.replace("\0", "").encode("utf-8", "replace").decode() or "x"
)
ABOUT = st.sampled_from(("M", "A", "D", "T", "R100", "R090", "X"))


@contextmanager
def git_says(*said: bytes) -> Iterator[None]:
    """Every call of git prints the next of these, the last one again and again."""
    given = list(said)

    def run(*_: object, **__: object) -> bytes:
        return given.pop(0) if len(given) > 1 else given[0]

    rooms = ("git_process", "git", "git_changes", "git_graph", "git_history", "git_tags")
    with patch.multiple("clients.git_process", run_git=run):
        patches = [patch(f"clients.{room}.run_git", run, create=True) for room in rooms]
        for each in patches:
            each.start()
        try:
            yield
        finally:
            for each in patches:
                each.stop()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _log(commits: list[tuple[int, str, str]]) -> str:
    said = "".join(f"{A}\n{at}\n{who}\n{subject}\0" for at, who, subject in commits)
    with git_says(_bytes(f"{A}\n"), _bytes(f"{B}\n"), _bytes(said)):
        found = log_between(_AT, A, B)
    assert len(found) == len(commits)
    changes = [
        Change(id=each.id, subject=each.subject, author=each.author, date=each.date)
        for each in found
    ]
    return release_notes("v1", changes, {}, "v0", None)


def _graph(commits: list[int]) -> Any:
    with git_says("".join(f"{at} {A} {B}\n" for at in commits).encode()):
        return commit_graph(_AT, [A])


def _messages(given: tuple[list[str], bool]) -> list[str]:
    messages, merged = given
    parents = f"{A} {B}" if merged else A
    said = "".join(f"{B}\n{parents}\n{text}\0" for text in messages)
    with git_says(f"{A}\n".encode(), f"{A}\n".encode(), _bytes(said), b""):
        return messages_since(_AT, A, ["."])


def _tree(paths: list[str]) -> Any:
    said = "".join(f"100644 blob {A}\t{path}\0" for path in paths)
    with git_says(_bytes(said)):
        ids, _ = _ids(_AT, A)
    assert set(ids) == {".", *paths}
    return ids


def _changes(files: list[tuple[str, str, str]]) -> Any:
    said = ""
    for how, path, other in files:
        said += f":100644 100755 {A} {B} {how}\0{path}\0" + (f"{other}\0" if how[0] == "R" else "")
    with git_says(_bytes(said)):
        found = changes_between(_AT, A, B)
    assert found is not None
    assert len(found) == len(files)
    return found


def _files(content: bytes) -> dict[str, str]:
    with git_says(f"{A} blob {len(content)}\n".encode() + content + b"\n"):
        return read_files(_AT, [A])


def _tags(names: list[str]) -> list[str]:
    with git_says(_bytes("".join(f"refs/tags/{name}\n" for name in names))):
        return tags(_AT, "*-dev")


def _pointer(content: bytes) -> bytes:
    if not is_pointer(content):
        return b""
    with TemporaryDirectory() as folder:
        return fetched_content(Path(folder), content)


def _failed(said: str) -> None:
    raise GitError(said)


def _nothing(found: object) -> None:
    assert not found


_POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    f"oid sha256:{hashlib.sha256(b'').hexdigest()}\nsize 1\n"
)

PARSERS = (
    Parser(
        name="git's log: dates, authors, subjects",
        source="whoever commits",
        inputs=st.lists(every(SECONDS, LINE, LINE), max_size=4),
        parse=_log,
        check=check_shown,
        known=([(2**63 - 1, "Ada", "in the year 292277026596")], [(10**18, "Ada", "x")]),
    ),
    Parser(
        name="git's graph of commits",
        source="whoever commits",
        inputs=st.lists(SECONDS, max_size=4),
        parse=_graph,
        known=([2**63 - 1],),
    ),
    Parser(
        name="git's messages of commits",
        source="whoever commits",
        inputs=every(st.lists(Text.map(lambda t: t.replace("\0", "")), max_size=4), st.booleans()),
        parse=_messages,
    ),
    Parser(
        name="git's paths of a tree",
        source="whoever commits",
        inputs=st.lists(PATH, max_size=5, unique=True),
        parse=_tree,
    ),
    Parser(
        name="git's paths that changed",
        source="whoever commits",
        inputs=st.lists(every(ABOUT, PATH, PATH), max_size=5),
        parse=_changes,
    ),
    Parser(
        name="git's contents of files",
        source="whoever commits",
        inputs=damaged(Text.map(lambda text: text.encode("utf-8", "surrogatepass"))),
        parse=_files,
    ),
    Parser(
        name="git's tags",
        source="whoever pushes",
        inputs=st.lists(LINE, max_size=5),
        parse=_tags,
    ),
    Parser(
        name="git's words when it fails",
        source="names of branches and files",
        inputs=Text.filter(plain),
        parse=_failed,
    ),
    Parser(
        name="a pointer of Git LFS",
        source="whoever commits",
        inputs=damaged(near(_POINTER).map(lambda t: t.encode("utf-8", "surrogatepass"))),
        parse=_pointer,
        check=_nothing,
    ),
)
