"""What became of each file between two git trees: changed, added, deleted, renamed, or its mode."""

from __future__ import annotations

from collections.abc import Iterator

from clients.git import Checkout
from clients.git_process import GitError, run_git
from release.why_inputs import FileChange


def changes_between(
    at: Checkout, before: str, after: str, folder: str = "."
) -> tuple[FileChange, ...] | None:
    """The files that differ between two trees of `folder`, by their paths from the top.

    None if git no longer has one of the trees, or one is a file. Renames are found by content.
    """
    words = ["diff-tree", "-r", "-z", "--raw", "--find-renames", before, after]
    try:
        said = run_git(words, at.top, at.environment)
    except GitError:
        return None
    fields = said.decode(errors="replace").split("\0")[:-1]
    return tuple(_changes(iter(fields), "" if folder == "." else f"{folder}/"))


def _changes(fields: Iterator[str], above: str) -> Iterator[FileChange]:
    # https://git-scm.com/docs/git-diff-tree#_raw_output_format
    for about in fields:
        was, mode, old, new, status = about.lstrip(":").split(" ")
        path = above + next(fields)
        if status.startswith("R"):
            yield FileChange(path=above + next(fields), how="renamed", was=path)
        elif status == "D":
            yield FileChange(path=path, how="deleted")
        elif status == "A":
            yield FileChange(path=path, how="added")
        elif old == new and was != mode:
            yield FileChange(path=path, how="mode", was=was[-3:], mode=mode[-3:])
        else:
            yield FileChange(path=path, how="changed")
