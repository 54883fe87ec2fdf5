"""How git is run: by argument lists, in a settled environment, with its own words on failure."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from clients import ClientError

# What tells git to look elsewhere than in the folder it is started in. A hook hands them to every
# command it starts: https://git-scm.com/docs/githooks ("Environment variables, such as GIT_DIR …
# are exported"), the names are those of `git rev-parse --local-env-vars` without configuration.
MISLEADING = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)


class GitError(ClientError):
    """git could not say what was asked; the message is for the user."""


class HistoryError(GitError):
    """The history at hand does not reach as far as it was asked for."""


def settled(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's environment without what would lead git to another repository or index, in
    plain English, and with every object as its id says (no replacements)."""
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    own = {"LC_ALL": "C", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_OPTIONAL_LOCKS": "0"}
    return {**kept, **own, **(more or {})}


def alternates(folders: Iterable[Path]) -> str:
    """Folders as GIT_ALTERNATE_OBJECT_DIRECTORIES takes them, whatever letters they hold."""
    quoted = (str(folder).replace("\\", "\\\\").replace('"', '\\"') for folder in folders)
    return os.pathsep.join(f'"{folder}"' for folder in quoted)


def run_git(
    words: list[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
) -> bytes:
    """What git prints. Raises `GitError` with its own words if it fails."""
    argv = ["git", "-C", str(folder), *words]
    env = dict(environment) if environment is not None else settled()
    try:
        done = subprocess.run(argv, env=env, input=stdin, capture_output=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise GitError("git is not on PATH; install it and try again") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise GitError(said or f"git {' '.join(words)} failed without a word")
    return done.stdout


def ask_git(words: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """What git prints, as text; bytes that are no UTF-8 are kept as surrogates."""
    return run_git(words, folder, environment).decode(errors="surrogateescape")
