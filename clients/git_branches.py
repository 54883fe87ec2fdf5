"""Where a branch stands beside its remote one."""

from __future__ import annotations

from clients.git import Checkout
from clients.git_process import ask_git


def behind(at: Checkout, remote: str, branch: str) -> int:
    """How many commits of the remote branch, as last fetched, this checkout does not have.

    0 if the remote has no such branch. Raises `GitError` if git can't say.
    """
    ref = f"refs/remotes/{remote}/{branch}"
    listed = ask_git(["for-each-ref", "--format=%(refname)", "refs/remotes"], at.top)
    if ref not in listed.split("\n"):
        return 0
    return int(ask_git(["rev-list", "--count", f"{at.commit}..{ref}"], at.top))
