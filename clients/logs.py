"""The last lines of a CloudWatch log stream, as a terminal may show them."""

from __future__ import annotations

import re

from clients.aws import AwsAccess, AwsError, client, translated
from release.record_text import plain, plain_lines

_MISSING = "ResourceNotFoundException"
# ECMA-48: control sequences, and strings such as a title, up to their end.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x07|\x1b\\|$)|[ -/]*[0-~])")
_LONGEST = 300  # characters of a line


def tail(access: AwsAccess, group: str, stream: str, lines: int = 20) -> list[str]:
    """At most `lines` last lines, oldest first; none where there is no stream. Raises AwsError."""
    try:
        with translated(f"reading the log {group} {stream}"):
            answer = client(access, "logs").get_log_events(
                logGroupName=group, logStreamName=stream, limit=lines, startFromHead=False
            )
    except AwsError as error:
        if error.code == _MISSING:
            return []
        raise
    return clean("\n".join(str(each["message"]) for each in answer["events"]), lines)


def lines_of(text: str) -> list[str]:
    """The lines that a service printed: ended by a line feed alone, whatever else it prints."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines if lines[-1] else lines[:-1]


def clean(text: str, lines: int = 20) -> list[str]:
    """The last lines of a text, without what moves a cursor or colours a terminal."""
    found = [plain(_ESCAPES.sub("", line), _LONGEST) for line in text.splitlines()]
    return [line for line in found if line][-lines:]


def neutral(line: str, longest: int = 4000) -> str:
    """A line with its indentation, without what moves a cursor or colours a terminal."""
    return plain_lines(_ESCAPES.sub("", line), longest).rstrip()
