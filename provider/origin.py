"""Who runs this update, and where: for its record. Nothing else of the environment is read."""

from __future__ import annotations

import getpass
import re
import socket
from collections.abc import Mapping

from release.record_text import plain

_URL = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9._-]+)*")


def who(environment: Mapping[str, str]) -> str:
    """GitHub's actor in a GitHub Actions run, else user@host."""
    actor = plain(environment.get("GITHUB_ACTOR", ""), 100)
    if actor:
        return actor
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"  # a container's user need not have a name
    return plain(f"{user}@{socket.gethostname()}", 200)


def where(environment: Mapping[str, str]) -> str:
    """The URL of the GitHub Actions run, else the host's name."""
    server = environment.get("GITHUB_SERVER_URL", "")
    repository = environment.get("GITHUB_REPOSITORY", "")
    run = environment.get("GITHUB_RUN_ID", "")
    url = f"{server}/{repository}/actions/runs/{run}"
    if server and repository and run and _URL.fullmatch(url):
        return url
    return plain(socket.gethostname(), 200)
