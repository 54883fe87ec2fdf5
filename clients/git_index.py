"""Edits that an index is told to hide, made visible: flags on files, and submodules."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from clients.git_process import ask_git, run_git, settled

# What a person has configured for speed or comfort must not decide what is seen:
# https://git-scm.com/docs/git-config
SETTLED_CONFIG = [
    *("-c", "advice.addEmbeddedRepo=false"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.safecrlf=false"),
    *("-c", "core.splitIndex=false"),
]
_LITERAL = ["--literal-pathspecs"]


def hidden_files(top: Path) -> list[str]:
    """The files whose edits git was told not to see (`--assume-unchanged`, `--skip-worktree`), as
    lines for `look_again`. Not those that a sparse checkout left out and that are not there."""
    # https://git-scm.com/docs/git-ls-files: lower case is assume-unchanged, S is skip-worktree.
    listing = ask_git([*SETTLED_CONFIG, "ls-files", "-v", "-s", "-z"], top)
    flagged = [line for line in listing.split("\0")[:-1] if not line.startswith(("H ", "M "))]
    if any(line[0] in "Ss" for line in flagged) and _is_sparse(top):
        flagged = [
            line
            for line in flagged
            if line[0] not in "Ss" or os.path.lexists(top / line.split("\t", 1)[1])
        ]
    return [line[2:] for line in flagged]


def look_again(hidden: list[str], top: Path, environment: Mapping[str, str]) -> None:
    """Takes the flags off these files, and what the index remembers of their size and time: git
    has to read them. `environment` names the index: a copy, never the repository's own."""
    stdin = "".join(f"{line}\0" for line in hidden).encode(errors="surrogateescape")
    run_git([*SETTLED_CONFIG, "update-index", "-z", "--index-info"], top, environment, stdin)


def dirty_submodules(top: Path, paths: Sequence[str]) -> frozenset[str]:
    """Which of these submodules hold edits or new files that no commit of theirs has: the id that
    the tree gives them knows nothing of that."""
    if not paths:
        return frozenset()
    words = [*SETTLED_CONFIG, *_LITERAL, "diff-files", "-z", "--name-only"]
    listing = ask_git([*words, "--ignore-submodules=none", "--", *paths], top, settled())
    return frozenset(listing.split("\0")[:-1])


def _is_sparse(top: Path) -> bool:
    words = ["config", "--type=bool", "--default=false", "--get", "core.sparseCheckout"]
    return ask_git(words, top).strip() == "true"
