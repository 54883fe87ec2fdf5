"""The embedded local stack as the demo sees it: pulumi, the cloud's counters, and the answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

PROJECT = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("SLIPWAY_STATE", PROJECT / ".slipway"))
CLOUD = f"http://127.0.0.1:{os.environ.get('SLIPWAY_CLOUD_PORT', '4566')}"


def run(*argv: str) -> int:
    """Shows a command and runs it in the project's folder, its output passed on; the exit code."""
    print(f"\n  $ {' '.join(argv)}", flush=True)
    return subprocess.run(argv, cwd=PROJECT, check=False).returncode  # noqa: S603


def must_run(*argv: str) -> None:
    """Runs a command that has to succeed. Raises `SystemExit` otherwise."""
    code = run(*argv)
    if code != 0:
        raise SystemExit(f"demo: `{' '.join(argv)}` ended with exit code {code}; see above")


def stack_outputs(stack: str = "local") -> dict[str, Any]:
    """The outputs of the stack, by `pulumi stack output`."""
    argv = ["pulumi", "stack", "output", "--json", "--stack", stack]
    done = subprocess.run(argv, cwd=PROJECT, check=True, capture_output=True, text=True)  # noqa: S603
    outputs: dict[str, Any] = json.loads(done.stdout)
    return outputs


def stack_resources() -> list[dict[str, Any]]:
    """The resources in the stack's state; none if there is no stack."""
    argv = ["pulumi", "stack", "export", "--stack", "local"]
    done = subprocess.run(argv, cwd=PROJECT, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        return []
    deployment: dict[str, Any] = json.loads(done.stdout)["deployment"]
    return [each for each in deployment.get("resources", []) if "parent" in each]


def show_services(services: dict[str, dict[str, str]]) -> None:
    """One table of what runs: target, version, digest, address, verdict."""
    table = Table(box=None, pad_edge=False)
    for heading in ("SERVICE", "TARGET", "VERSION", "DIGEST", "URL", "VERDICT"):
        table.add_column(heading, no_wrap=True)
    for name, service in services.items():
        verdict = service["verdict"].replace(service["digest"], "it")
        row = (name, service["target"], service["version"][:12], service["digest"][:19])
        table.add_row(*row, service.get("url") or "-", verdict)
    Console(width=max(120, Console().width), highlight=False).print(table)


def rollout_seconds(service: str) -> dict[str, float]:
    """How long each step of a service's last rollout took on the host, from the stack's state."""
    for resource in stack_resources():
        if resource["urn"].endswith(f"::{service}-rollout"):
            steps: dict[str, float] = resource["outputs"]["seconds"]
            return steps
    raise SystemExit(f"demo: the state has no rollout of {service}")


def get(url: str) -> str:
    """The body that a URL answers with. Raises `OSError` if it does not answer."""
    with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
        return str(answer.read().decode())


# Every build that was seen: the history lists the last 50 alone.
_BUILT: set[str] = set()


def counters() -> dict[str, int]:
    """What the local cloud and BuildKit have done so far."""
    counted: dict[str, int] = json.loads(get(f"{CLOUD}/_localcloud/counters"))
    argv = ["docker", "buildx", "history", "ls", "--format", "{{.Ref}}", "--no-trunc"]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)  # noqa: S603
    _BUILT.update(done.stdout.split())
    return {**counted, "builds": len(_BUILT)}


@contextmanager
def counting(shown: tuple[str, ...]) -> Iterator[dict[str, int]]:
    """Counts what happens inside; fills the given mapping when it ends, and prints it."""
    before, spent = counters(), dict[str, int]()
    started = time.monotonic()
    yield spent
    seconds = time.monotonic() - started
    after = counters()
    spent.update({name: after[name] - before[name] for name in shown})
    told = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in spent.items())
    print(f"\n  counted: {told} ({seconds:.1f} s)", flush=True)


@dataclass
class Client:
    """Asks one URL every 50 ms, a new connection each time, until it is stopped."""

    url: str
    answered: int = 0
    missed: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Client:
        self.thread = threading.Thread(target=self._ask, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join()

    def _ask(self) -> None:
        while not self.stopping.wait(0.05):
            try:
                get(self.url)
                self.answered += 1
            except OSError:
                self.missed += 1


@contextmanager
def edited(file: Path, old: str, new: str) -> Iterator[None]:
    """Changes a source file, and puts back exactly what was there."""
    original = file.read_bytes()
    if old.encode() not in original:
        raise SystemExit(f"demo: {file} holds no {old!r} any more; undo your change first")
    kept = STATE / "demo" / file.name
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(original)
    print(f"\n  {file.relative_to(PROJECT)}: {old!r} becomes {new!r}", flush=True)
    file.write_bytes(original.replace(old.encode(), new.encode(), 1))
    try:
        yield
    finally:
        file.write_bytes(original)
        kept.unlink()


def put_back_edits(file: Path) -> None:
    """Undoes the change of a demo that was killed."""
    kept = STATE / "demo" / file.name
    if kept.exists():
        file.write_bytes(kept.read_bytes())
        kept.unlink()
        print(f"  put back {file.relative_to(PROJECT)} as it was before a demo that was stopped")


def title(text: str) -> None:
    """A headline of the demo."""
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n{text}", flush=True)
