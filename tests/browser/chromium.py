"""A headless Chromium, spoken to over a pipe: https://chromedevtools.github.io/devtools-protocol/"""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_DEADLINE = 120.0  # seconds for one answer


class Browser:
    """One tab; what it did is in `events`."""

    def __init__(self, process: subprocess.Popen[bytes], to: int, back: int) -> None:
        self.events: list[dict[str, Any]] = []
        self._process, self._to, self._back = process, to, back
        self._number, self._rest, self._session = 0, b"", ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **values: Any) -> dict[str, Any]:
        """The answer to one call. Raises `AssertionError` with Chromium's own words."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": values}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def see(self, width: int, height: int = 900, theme: str = "light") -> None:
        """The size of the window, and what the reader's system prefers."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 500,
        )  # fmt: skip
        preferred = [{"name": "prefers-color-scheme", "value": theme}]
        self.call("Emulation.setEmulatedMedia", media="", features=preferred)

    def open(self, url: str) -> float:
        """Loads a page until its `load` event; seconds from the start of its navigation."""
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(each.get("method") == "Page.loadEventFired" for each in self.events):
            self.events.append(self._next())
        entry = "performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"
        return float(self.ask(entry))

    def ask(self, expression: str) -> Any:
        """The value of an expression of JavaScript in the page (a debugger's, so CSP lets it)."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key: str) -> None:
        """One key, down and up."""
        codes = {"Tab": 9, "Enter": 13}
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key,
                windowsVirtualKeyCode=codes[key],
                **({"text": "\r"} if (key, kind) == ("Enter", "keyDown") else {}),
            )  # fmt: skip

    def picture(self, file: Path, whole: bool = True) -> None:
        """Writes a PNG of the whole page, or of the window."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
            shot = self.call(
                "Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip
            )
        file.write_bytes(base64.b64decode(shot["data"]))

    def _next(self) -> dict[str, Any]:
        ends = time.monotonic() + _DEADLINE
        while b"\0" not in self._rest:
            left = ends - time.monotonic()
            assert left > 0, "chromium did not answer"
            assert self._process.poll() is None, "chromium ended"
            if select.select([self._back], [], [], min(left, 1.0))[0]:
                self._rest += os.read(self._back, 1 << 20)
        line, _, self._rest = self._rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def chromium(binary: str, profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile; it ends with the block."""
    to_read, to = os.pipe()
    back, back_write = os.pipe()
    # Chromium reads from 3 and writes to 4; the shell puts the pipes there.
    script = f'exec "$@" 3<&{to_read} 4>&{back_write}'
    words = (
        "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
        "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
        "--remote-debugging-pipe", f"--user-data-dir={profile}",
    )  # fmt: skip
    process = subprocess.Popen(
        ["bash", "-c", script, "bash", binary, *words],
        pass_fds=(to_read, back_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_read)
    os.close(back_write)
    try:
        yield Browser(process, to, back)
    finally:
        os.close(to)
        os.close(back)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
