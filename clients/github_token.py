"""GitHub's token: found at the moment of use, kept nowhere, shown to nobody."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from clients import ClientError
from clients.github_names import check_api, web_url

VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN")
_TIMEOUT = 15  # seconds for gh, which may ask the system's keyring
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token and where it was found."""

    value: str = field(repr=False)
    """The secret itself."""
    source: str
    """Name of the variable or of the command it came from."""

    @property
    def is_installation(self) -> bool:
        """Whether it is a GitHub App's, as the one of a workflow's job is."""
        return self.value.startswith("ghs_")


class NoTokenError(ClientError):
    """No token was found."""


def find_token(api: str) -> Token:
    """From GITHUB_TOKEN, GH_TOKEN, or the login of GitHub's own command gh.

    Raises NoTokenError when there is none, and ClientError when one can't be a token; the text
    names the place and never the token.
    """
    for name in VARIABLES:
        value = os.environ.get(name, "").strip()
        if value:
            return _checked(value, name)
    host = urlsplit(web_url(check_api(api))).hostname or ""
    said = _ask_gh(host)
    if said:
        return _checked(said, f"gh auth token --hostname {host}")
    raise NoTokenError(
        f"no token for GitHub ({host}): set GITHUB_TOKEN (in a workflow: "
        "`env: {GITHUB_TOKEN: ${{ github.token }}}`) or GH_TOKEN, or log in with `gh auth login`"
    )


def _ask_gh(host: str) -> str:
    gh = shutil.which("gh")
    if gh is None or not host:
        return ""
    try:
        answer = subprocess.run(  # noqa: S603 - a found program, and a checked host name
            [gh, "auth", "token", "--hostname", host],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _checked(value: str, source: str) -> Token:
    # A line break in a header would be refused later, by a text that shows the token.
    if not _TOKEN.fullmatch(value):
        raise ClientError(
            f"what {source} holds can't be a GitHub token (spaces, line breaks or letters outside "
            "of ASCII); copy it again"
        )
    return Token(value=value, source=source)
