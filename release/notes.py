"""Release notes: what really reached a stack, as Markdown that nobody's commit message can bend."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

# GitHub refuses a longer release text: 422, "body is too long (maximum is 125000 characters)".
LONGEST = 125_000
_LONGEST_SUBJECT = 200
_LONGEST_NAME = 80
_KEPT_INVISIBLE = "\u200c\u200d"  # joiners that words and emoji are made with
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours and cursor moves
    r"|(?:\x1b[\]PX^_]|[\x9d\x90])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, links
    r"|\x1b[ -/]*[0-~]"
)
_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&*+,;=%\[\]-]+")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One commit of a release."""

    id: str
    """The commit's id in hexadecimal digits."""
    subject: str
    """First line of its message, as it was written."""
    author: str
    """Name of its author, as it was written."""
    date: str
    """When it was written, RFC 3339; its first ten characters are shown."""


def release_notes(
    version: str,
    changes: Sequence[Change] | None,
    images: Mapping[str, tuple[str | None, str]],
    previous_version: str | None,
    compare_url: str | None,
) -> str:
    """The notes of `version` in Markdown, at most `LONGEST` characters (and bytes).

    `changes` are the commits between the two records, newest first, or None when git could not
    tell them, which the notes then say; `images` has the digest of each
    image before (None for a new one) and now. `compare_url` shows the same commits.

    Every text that a person wrote stands in a code span: there GitHub reads no mention, reference,
    emoji, link or HTML (https://github.com/github/markup/issues/1168; a backslash does not help).
    What could not be listed is counted in a line of its own.

    Raises ValueError if `compare_url` is no plain http or https URL.
    """
    if compare_url is not None and not _URL.fullmatch(compare_url):
        raise ValueError(
            f"{compare_url!r} is no URL to compare at; allowed: https:// and no spaces or brackets"
        )
    summary = _summary(version, changes, previous_version)
    link = [f"[Compare]({compare_url})", ""] if compare_url else []
    head = [summary, "", *link, "## Images", ""]
    # Changed ones first: what is left out of a very long list is what did not change.
    ordered = sorted(images.items(), key=lambda image: (image[1][0] == image[1][1], image[0]))
    room = LONGEST - _size(head) - 1_000
    listed = _fitting([_image(*image) for image in ordered], room // 2, "images")
    commits = [_change(change) for change in changes or ()]
    commits = commits or [_no_commits(changes, previous_version)]
    told = _fitting(commits, room - _size(listed), "commits")
    return "\n".join([*head, *listed, "", "## Commits", "", *told, ""])


def one_line(text: str, longest: int) -> str:
    """`text` without terminal escapes, control, direction and other invisible characters: one line
    of at most `longest` characters."""
    line = " ".join(_ESCAPES.sub("", text).translate(_VISIBLE).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


class _Visible(dict[int, str]):
    """What is shown of a character, by its number; looked up once for each."""

    def __missing__(self, number: int) -> str:
        self[number] = shown = _shown(chr(number))
        return shown


_VISIBLE = _Visible()


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category[0] == "C" and character not in _KEPT_INVISIBLE else character


def code_span(text: str, longest: int = _LONGEST_NAME) -> str:
    """Text in which GitHub reads nothing: its fence is longer than any in it (CommonMark 6.1)."""
    line = one_line(text, longest) or "(nothing)"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _summary(version: str, changes: Sequence[Change] | None, previous: str | None) -> str:
    if previous is None:
        return f"{code_span(version)} is the first release that is recorded here."
    if previous == version:
        return f"{code_span(version)} was released again."
    if changes is None:
        return f"{code_span(version)} follows {code_span(previous)}."
    number = len(changes)
    counted = {0: "no commit", 1: "1 commit"}.get(number, f"{number:,} commits")
    return f"{code_span(version)} follows {code_span(previous)} with {counted}."


def _no_commits(changes: Sequence[Change] | None, previous: str | None) -> str:
    if previous is None:
        return "There is no earlier record to list commits from."
    if changes is None:
        return "The commits could not be listed: the history at hand was not whole."
    return "No commit lies between the two."


def _image(name: str, digests: tuple[str | None, str]) -> str:
    before, now = digests
    if before is None:
        return f"- {code_span(name)}: new, {code_span(now)}"
    if before == now:
        return f"- {code_span(name)}: unchanged, {code_span(now)}"
    return f"- {code_span(name)}: from {code_span(before)} to {code_span(now)}"


def _change(change: Change) -> str:
    # A bare commit id becomes a link on GitHub; hexadecimal digits can't be anything else.
    number = re.sub("[^0-9a-f]", "", change.id.lower())[:7]
    written = f"{code_span(change.author)}, {code_span(change.date[:10])}"
    return f"- {number} {code_span(change.subject, _LONGEST_SUBJECT)} ({written})"


def _fitting(lines: Sequence[str], room: int, what: str) -> list[str]:
    """As many lines as there is room for, and one that counts the others."""
    # In bytes, of which there are never fewer than characters, however GitHub counts those.
    sizes = accumulate(len(line.encode()) + 1 for line in lines)
    fit = sum(size <= room for size in sizes)
    left = len(lines) - fit
    text = f"- … and {left:,} more {what}, which GitHub's limit of {LONGEST:,} characters left out"
    return [*lines[:fit], *([text] if left else [])]


def _size(lines: Sequence[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)
