"""What BuildKit says while it builds: steps for the display, and the last lines for an error."""

from __future__ import annotations

from base64 import b64decode
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from clients.logs import neutral
from release.json_document import json_of

_LAST = 30
_LONGEST = 1000  # characters of a line


class Progress:
    """Reads `docker buildx build --progress=rawjson`, whose lines are BuildKit's solve statuses."""

    def __init__(self, show: Callable[[str], None], hidden: Iterable[str] = ()) -> None:
        """`show` is called with one short line whenever a step begins or prints something.

        `hidden` are texts that are never shown: stars stand in their place.
        """
        self._tell = show
        self._hidden = sorted(hidden, key=len, reverse=True)
        self._names: dict[str, str] = {}
        self._begun: set[str] = set()
        self._last: deque[str] = deque(maxlen=_LAST)
        self._failure: list[str] = []

    def line(self, text: str) -> None:
        """Take one line of buildx's output."""
        if not text.startswith("{"):
            self._plain(text)
            return
        try:
            status: dict[str, Any] = json_of(text)
        except ValueError:
            self._plain(text)
            return
        for vertex in _listed(status, "vertexes"):
            self._vertex(vertex)
        for log in _listed(status, "logs"):
            self._log(log)

    def report(self) -> str:
        """The last about 30 lines of the build's log and BuildKit's closing words."""
        said = [line for line in self._failure if line not in self._last]
        return self._without_hidden("\n".join([*self._last, *said]))

    def _show(self, line: str) -> None:
        self._tell(self._without_hidden(line))

    def _without_hidden(self, text: str) -> str:
        for each in self._hidden:
            text = text.replace(each, "***")
        return text

    def _plain(self, text: str) -> None:
        if clean := neutral(text, _LONGEST):
            self._failure = [*self._failure, clean][-_LAST:]

    def _vertex(self, vertex: dict[str, Any]) -> None:
        digest, name = str(vertex.get("digest")), _flat(str(vertex.get("name", "")))
        self._names[digest] = name
        if vertex.get("started") and digest not in self._begun:
            self._begun.add(digest)
            if not name.startswith("[internal]"):
                self._show(f"{name} (cached)" if vertex.get("cached") else name)
        if error := vertex.get("error"):
            self._plain(f"{name}: {error}")

    def _log(self, log: dict[str, Any]) -> None:
        try:
            text = b64decode(str(log.get("data") or "")).decode(errors="replace")
        except ValueError:
            return  # what is no base64 was not printed by a build
        for line in text.splitlines():
            clean = neutral(line, _LONGEST)
            if clean:
                self._last.append(clean)
                step = self._names.get(str(log.get("vertex")), "").split("]")[0].lstrip("[")
                self._show(f"{step}: {clean}" if step else clean)


def _flat(text: str) -> str:
    return neutral(" ".join(text.split()), _LONGEST)


def _listed(status: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = status.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
