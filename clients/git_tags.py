"""Tags, branches and pushing. A name is only ever an argument: checked first, and never the place
where git would look for an option."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from clients.git import Checkout
from clients.git_process import GitError, ask_git, run_git

_COMMIT = re.compile(r"[0-9a-f]{4,64}", re.ASCII)
_TAGS, _BRANCHES = "refs/tags/", "refs/heads/"


def tags(at: Checkout, pattern: str = "*") -> list[str]:
    """The tags whose name fits the pattern (`*-dev`), in the order of their names."""
    return _matching(at, [], pattern)


def tags_at(at: Checkout, commit: str, pattern: str = "*") -> list[str]:
    """The tags of a commit whose name fits the pattern, annotated ones included.

    Raises `GitError` if there is no such commit.
    """
    if not _COMMIT.fullmatch(commit):
        raise GitError(f"{commit!r} is not a commit id; allowed: 4 to 64 hexadecimal digits")
    return _matching(at, [f"--points-at={commit}"], pattern)


def current_branch(at: Checkout) -> str | None:
    """The branch that is checked out; None if HEAD is detached."""
    said = ask_git(["rev-parse", "--symbolic-full-name", "HEAD"], at.top).strip()
    return said.removeprefix(_BRANCHES) if said.startswith(_BRANCHES) else None


def fetch_tags(at: Checkout, remote: str = "origin") -> None:
    """Fetches the tags of a remote. Raises `GitError` with git's words."""
    _check_remote(at, remote)
    ask_git(["fetch", "--quiet", "--tags", "--", remote], at.top)


def make_tag(at: Checkout, name: str, message: str | None = None) -> None:
    """Tags the commit of this checkout; annotated if there is a message.

    Raises `GitError` for a name that git does not take, and for a tag that exists.
    """
    check_tag_name(at, name)
    if message is None:
        # With tag.gpgSign git would open an editor for the message of a signed tag.
        ask_git(["-c", "tag.gpgSign=false", "tag", "--", name, at.commit], at.top)
        return
    # git's default takes lines with # for comments; in notes they are headings.
    words = ["tag", "--annotate", "--cleanup=whitespace", "--file=-", "--", name, at.commit]
    run_git(words, at.top, stdin=message.encode())


def push(at: Checkout, remote: str, refs: Sequence[str]) -> None:
    """Pushes full refs (`refs/heads/dev`, `refs/tags/0.1.30-dev`), all of them or none.

    Raises `GitError` for another kind of ref, and with git's words if the remote refuses.
    """
    _check_remote(at, remote)
    for ref in refs:
        if not ref.startswith((_TAGS, _BRANCHES)):
            raise GitError(f"{ref!r} is not pushed; allowed: {_BRANCHES}… and {_TAGS}…")
        _check_format(at, ref, ref)
    if refs:
        pairs = [f"{ref}:{ref}" for ref in refs]
        ask_git(["push", "--quiet", "--atomic", "--", remote, *pairs], at.top)


def check_tag_name(at: Checkout, name: str) -> str:
    """Gives the name back if git takes it for a tag; raises `GitError`."""
    if name.startswith("-") or name == "HEAD":
        raise GitError(f"{name!r} is not a name of a tag: git takes it for something else")
    return _check_format(at, f"{_TAGS}{name}", name)


def _check_format(at: Checkout, ref: str, name: str) -> str:
    try:
        ask_git(["check-ref-format", ref.replace("\0", "\n")], at.top)
    except GitError:
        raise GitError(
            f"{name!r} is not a name that git takes; not allowed are spaces, control characters, "
            r"~ ^ : ? * [ \ .. @{ // and a / or . or .lock at the end"
        ) from None
    return name


def _check_remote(at: Checkout, remote: str) -> None:
    there = ask_git(["remote"], at.top).split("\n")[:-1]
    if remote not in there:
        known = f"there are: {', '.join(there)}" if there else "there is none: `git remote add`"
        raise GitError(f"this repository has no remote {remote!r}; {known}")


def _matching(at: Checkout, words: list[str], pattern: str) -> list[str]:
    listing = ask_git(["for-each-ref", *words, "--format=%(refname)", _TAGS], at.top)
    names = (line.removeprefix(_TAGS) for line in listing.split("\n")[:-1])
    return [name for name in names if fnmatchcase(name, pattern)]
