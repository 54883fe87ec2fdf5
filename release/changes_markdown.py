"""What an update changes, as Markdown: short, within GitHub's limit, and bent by nobody's words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from release.changes import Changes, Row, becomes, counted, short
from release.notes import code_span, one_line

# GitHub refuses a longer comment: 422, "body is too long (maximum is 65536 characters)".
LONGEST = 65_536
MARKER = "<!-- slipway:changes -->"
"""The first line of our comment, by which it is found again."""
_ROOM = 60_000  # bytes; the rest is for what frames the parts
_OPEN = 20  # rows that are shown; more are folded
_WHY = 300
_HEAD = ("| service | | why | from | to |", "| --- | --- | --- | --- | --- |")


def comment(title: str, stacks: Sequence[Changes], footer: str = "") -> str:
    """The comment, at most `LONGEST` characters however many services there are.

    All that people or programs wrote stands in code spans, where GitHub reads no mention, link,
    HTML or Markdown.
    """
    each = _ROOM // max(len(stacks), 1)
    parts = [MARKER, f"### {title}", ""]
    for changes in stacks:
        parts += [*_stack(changes, each), ""]
    if footer:
        parts.append(f"<sub>{one_line(footer, 200)}</sub>")
    return "\n".join(parts).rstrip() + "\n"


def _stack(changes: Changes, room: int) -> list[str]:
    lines = [f"**{code_span(changes.stack)}**: {changes.headline}", ""]
    if changes.failure:
        lines += [f"> {code_span(changes.failure, 1500)}", ""]
    moving = [_row(each, changes) for each in changes.moving]
    if moving:
        table = _fitting([*_HEAD, *moving], room * 6 // 10, "services")
        lines += _folded(counted(len(moving), "change"), table) if len(moving) > _OPEN else table
        lines.append("")
    folds = (
        (f"{len(changes.of_kind('untouched'))} untouched", _untouched(changes)),
        (counted(len(changes.others), "other resource"), _spans(changes.others)),
        (counted(len(changes.notes), "note"), _spans(changes.notes, 400)),
    )
    for summary, listed in folds:
        if listed:
            lines += _folded(summary, _fitting(listed, room // 10, "lines"))
    return lines


def _row(row: Row, changes: Changes) -> str:
    name = _cell(f"{row.name} (image)" if row.is_image else row.name, 80)
    before = _cell(short(row.before), 80) if row.before else ""
    after = _cell(becomes(row, changes), 80) if row.after else becomes(row, changes)
    return f"| {name} | {row.kind} | {_cell(row.why, _WHY)} | {before} | {after} |"


def _cell(text: str, longest: int) -> str:
    # In a table a bar ends the cell, in a code span too, and escaping it has rules of its own.
    return code_span(text.replace("|", "¦"), longest) if text else ""


def _untouched(changes: Changes) -> list[str]:
    return _spans([each.name for each in changes.of_kind("untouched")], 80)


def _spans(texts: Sequence[str], longest: int = 200) -> list[str]:
    return [f"- {code_span(each, longest)}" for each in texts]


def _folded(summary: str, lines: Sequence[str]) -> list[str]:
    return [f"<details><summary>{summary}</summary>", "", *lines, "", "</details>", ""]


def _fitting(lines: Sequence[str], room: int, what: str) -> list[str]:
    """As many lines as there is room for, and one that counts the others."""
    # In bytes, of which there are never fewer than characters.
    sizes = accumulate(len(each.encode()) + 1 for each in lines)
    fit = sum(size <= room for size in sizes)
    left = len(lines) - fit
    return [*lines[:fit], *(["", f"… and {left:,} more {what}"] if left else [])]
