"""The commits that some commits lead back to, by one git process."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from clients.git import Checkout
from clients.git_process import run_git
from release.lead_time import CommitAt

_MOST = 200_000  # commits, newest first; the Linux kernel gets as many in two years


def moment_of(seconds: str) -> datetime:
    """A commit's date as git prints it, in seconds since 1970.

    Whoever makes a commit writes what they like there; the end of the calendar stands for a date
    beyond it.
    """
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (OverflowError, OSError, ValueError):
        return datetime.max.replace(tzinfo=UTC)


def commit_graph(at: Checkout, commits: Iterable[str]) -> dict[str, CommitAt]:
    """Of these commits (whole ids) and all before them: when each was made, and its parents.

    What is not at hand is left out. Raises GitError.
    """
    wanted = sorted(set(commits))
    if not wanted:
        return {}
    words = ["rev-list", "--ignore-missing", "--stdin", "--timestamp", "--parents"]
    stdin = "".join(f"{each}\n" for each in wanted).encode()
    listing = run_git([*words, f"--max-count={_MOST}"], at.top, stdin=stdin).decode()
    graph = {}
    for line in listing.splitlines():
        seconds, commit, *parents = line.split()
        graph[commit] = CommitAt(made=moment_of(seconds), parents=tuple(parents))
    return graph
