"""What happened between two commits. A history that was cut off is an error, never an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clients.git import Checkout
from clients.git_graph import moment_of
from clients.git_process import GitError, HistoryError, ask_git, run_git

_COMMIT = re.compile(r"[0-9a-f]{4,64}", re.ASCII)
# Whoever calls has configured git for their eyes, not for ours.
_PLAIN = ["-c", "log.showSignature=false", "-c", "log.follow=false"]
_LOG = [*_PLAIN, "--literal-pathspecs", "log", "-z", "--encoding=UTF-8", "--no-color"]


@dataclass(frozen=True, kw_only=True)
class Commit:
    """One commit, as release notes show it."""

    id: str
    """40 hexadecimal digits."""
    subject: str
    """The first line of its message."""
    author: str
    """The author's name."""
    date: str
    """When it was committed, RFC 3339 in UTC."""


def messages_since(at: Checkout, since: str, paths: Iterable[str]) -> list[str]:
    """The messages of the commits after `since`, up to the one at hand, that touched these paths;
    newest first.

    What a merge brought in counts by its own commits, and the merge itself counts if it changed
    the paths for the branch it went into. `since` may be short. Raises `HistoryError` if it is
    not in the history at hand, or if that history has a gap after it.
    """
    start = _ancestor(at, since)
    _check_no_gap(at, start, at.commit)
    wanted = sorted(set(paths))
    if not wanted:
        return []
    words = ["--full-history", "--format=%H%n%P%n%B", f"{start}..{at.commit}", "--", *wanted]
    touched = [line.split("\n", 2) for line in _lines(at, [*_LOG, *words])]
    merges = {oid: parents.split()[0] for oid, parents, _ in touched if " " in parents}
    # A side that merely lacked what the branch already had makes git list the merge too.
    empty = set(merges) - _bringing(at, merges, wanted)
    return [message.strip() for oid, _, message in touched if oid not in empty]


def log_between(at: Checkout, old: str | None, new: str) -> list[Commit]:
    """The commits that `new` has and `old` has not, newest first; None has nothing.

    Raises `HistoryError` if a commit is not at hand, or if the history between them has a gap.
    """
    end = _known(at, new)
    start = None if old is None else _known(at, old)
    _check_no_gap(at, start, end)
    between = end if start is None else f"{start}..{end}"
    found = []
    for line in _lines(at, [*_LOG, "--format=%H%n%ct%n%an%n%s", between, "--"]):
        oid, seconds, author, subject = line.split("\n", 3)
        found.append(
            Commit(id=oid, subject=subject.strip("\n"), author=author, date=_date(seconds))
        )
    return found


def date_of(at: Checkout, commit: str) -> str:
    """When a commit was made, RFC 3339 in UTC. Raises `HistoryError` if it is not at hand."""
    words = [*_LOG, "--max-count=1", "--format=%ct", _known(at, commit), "--"]
    return _date(_lines(at, words)[0])


def _bringing(at: Checkout, merges: Mapping[str, str], paths: list[str]) -> set[str]:
    """The merges that differ from their first parent in these paths."""
    stdin = "".join(f"{oid} {parent}\n" for oid, parent in merges.items()).encode()
    words = ["--literal-pathspecs", "diff-tree", "--stdin", "-r", "--name-only", "--", *paths]
    listing = run_git(words, at.top, stdin=stdin) if merges else b""
    return set(listing.decode(errors="replace").split("\n")) & set(merges)


def _date(seconds: str) -> str:
    return moment_of(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def _lines(at: Checkout, words: list[str]) -> list[str]:
    return (
        ask_git(words, at.top)
        .encode(errors="surrogateescape")
        .decode(errors="replace")
        .split("\0")[:-1]
    )


def _known(at: Checkout, commit: str) -> str:
    """The full id of a commit."""
    if not _COMMIT.fullmatch(commit):
        raise GitError(f"{commit!r} is not a commit id; allowed: 4 to 64 hexadecimal digits")
    try:
        return ask_git(["rev-parse", "--verify", f"{commit}^{{commit}}"], at.top).strip()
    except GitError as error:
        raise HistoryError(_missing(at, commit, str(error))) from None


def _ancestor(at: Checkout, since: str) -> str:
    start = _known(at, since)
    # merge-base answers nothing, by an exit code of its own, for two histories without a tie.
    try:
        base = ask_git(["merge-base", start, at.commit], at.top).strip()
    except GitError:
        base = ""
    if base != start:
        raise HistoryError(_missing(at, since, "it is not among the commits before this one"))
    return start


def _check_no_gap(at: Checkout, start: str | None, end: str) -> None:
    """A shallow clone may know both ends and yet not all between: a merge with one side cut."""
    if not at.shallow:
        return
    cut = set((at.common / "shallow").read_text().split())
    between = end if start is None else f"{start}..{end}"
    if cut & set(ask_git(["rev-list", between, "--"], at.top).split()):
        raise HistoryError(
            _missing(at, start or "the first commit", "commits after it are cut off")
        )


def _missing(at: Checkout, commit: str, why: str) -> str:
    if at.shallow:
        return (
            f"the history at hand does not reach back to {commit} ({why}): this clone is shallow. "
            "Run `git fetch --unshallow`; in GitHub Actions check out with `fetch-depth: 0`."
        )
    return (
        f"{commit} is not in the history of {at.commit[:7]} ({why}): it belongs to another branch, "
        "or the branch was rewritten by a force push. Check out a commit that comes after it, or "
        "say how far the version moves (SLIPWAY_BUMP=patch, minor or major)."
    )
