"""Stacks of many services in a local cloud of the benchmark's own, and `pulumi` on them."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.estate import Estate, Ran
from tests.localcloud.cloud import Cloud

PROJECT = """\
name: {name}
runtime: {{name: python}}
"""
_WRITES = ("builds", "api_writes", "s3_writes", "registry_writes")


@contextmanager
def running() -> Iterator[Estate]:
    """A local cloud and a folder for monorepos, both gone at the end."""
    with TemporaryDirectory(prefix="slipway-bench-") as name:
        environment = dict(os.environ)
        # Whoever deploys has compiled modules: without them every run would compile the program.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        estate = Estate(Path(name), environment)
        estate.start_cloud()
        try:
            yield estate
        finally:
            estate.stop_cloud()


class Stack:
    """One stack of one monorepo."""

    def __init__(self, estate: Estate, top: Path, name: str) -> None:
        """`top` is the monorepo; slipway is its folder deploy/."""
        self.estate, self.top, self.name = estate, top, name
        self.folder = top / "deploy"

    def write(self, services: Mapping[str, Any], **changed: object) -> None:
        """The stack file with these services; other keys as `Estate.write_stack` takes them."""
        bundles = {"bucket": f"slipway-{self.name}-deploys"}
        self.estate.write_stack(
            self.top, self.name, **{"bundles": bundles, "services": dict(services), **changed}
        )

    def create(self, *words: str) -> None:
        """`pulumi up`, of a stack that may be new."""
        must(self.estate.up(*words, stack=self.name, cwd=self.folder), f"up of {self.name}")

    def prepare(self, *words: str) -> None:
        """The same for what is not measured: the state is written at the end alone, since a file
        that is written after each of hundreds of resources takes most of the time."""
        self.estate.select(self.name, self.folder)
        argv = ("up", "--yes", "--skip-preview", "--stack", self.name, *words)
        rare = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
        must(self.estate.pulumi(*argv, cwd=self.folder, **rare), f"up of {self.name}")

    def up(self, *words: str) -> None:
        """`pulumi up`."""
        self._run("up", "--yes", "--skip-preview", *words)

    def up_until(self, said: re.Pattern[str]) -> float:
        """`pulumi up`; seconds from its start to the first line that matches."""
        argv = ["pulumi", "up", "--yes", "--skip-preview", "--stack", self.name]
        began, found, lines = time.perf_counter(), 0.0, list[str]()
        with subprocess.Popen(  # noqa: S603 -- argv of ours
            [*argv, "--non-interactive"],
            cwd=self.folder,
            env=self.estate.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            for line in process.stdout or ():
                lines.append(line)
                if not found and said.search(line):
                    found = time.perf_counter() - began
        must(Ran(code=process.returncode, text="".join(lines)), f"up of {self.name}")
        if not found:
            raise RuntimeError(f"up of {self.name} never said {said.pattern!r}")
        return found

    def preview(self, *words: str) -> None:
        """`pulumi preview`."""
        self._run("preview", *words)

    def resume(self) -> None:
        """Lifts the hold that a rollback has left."""
        must(self.estate.run("bin/slipway", "resume", self.name, cwd=self.folder), "slipway resume")

    def resources(self) -> int:
        """How many it has."""
        words = ("stack", "--show-urns", "--stack", self.name)
        return self.estate.pulumi(*words, cwd=self.folder).ok().count("URN: ")

    def output(self, name: str) -> Any:
        """One of its outputs."""
        words = ("stack", "output", name, "--json", "--stack", self.name)
        return json.loads(self.estate.pulumi(*words, cwd=self.folder).ok())

    def change(self, file: str) -> None:
        """Gives a source file other content, as an edit does."""
        with (self.top / file).open("a") as source:
            source.write(f"# changed at {time.time_ns()}\n")

    def _run(self, command: str, *words: str) -> None:
        argv = (command, "--stack", self.name, *words)
        must(self.estate.pulumi(*argv, cwd=self.folder), f"{command} of {self.name}")


def empty(estate: Estate) -> Stack:
    """A deployed stack of a program without a line."""
    made = bare(estate, "empty", "")
    made.create()
    return made


def bare(estate: Estate, name: str, program: str) -> Stack:
    """A project of one file, of which nothing is deployed yet."""
    folder = estate.folder / name / "deploy"
    folder.mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(PROJECT.format(name=name))
    (folder / "__main__.py").write_text(program)
    return Stack(estate, folder.parent, name)


def docker(estate: Estate, *words: str) -> None:
    """`docker`, logged in to the cloud's registry; your own logins stay as they are."""
    argv = ("docker", *words)
    must(estate.run(*argv, DOCKER_CONFIG=_logged_in(estate)), " ".join(argv[:3]))


def _logged_in(estate: Estate) -> str:
    cloud = Cloud(estate.state, estate.cloud_port, estate.registry_port)
    login = base64.b64encode(":".join(cloud.token()).encode()).decode()
    folder = estate.folder / "docker"
    folder.mkdir(exist_ok=True)
    auths = {f"127.0.0.1:{estate.registry_port}": {"auth": login}}
    (folder / "config.json").write_text(json.dumps({"auths": auths}))
    own = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "cli-plugins"
    if own.is_dir() and not (folder / "cli-plugins").exists():
        (folder / "cli-plugins").symlink_to(own)
    return str(folder)


@contextmanager
def without_effect(estate: Estate) -> Iterator[None]:
    """Raises RuntimeError if anything is built or written meanwhile."""
    before = estate.counters()
    yield
    after = estate.counters()
    spent = {name: after[name] - before[name] for name in _WRITES if after[name] != before[name]}
    if spent:
        raise RuntimeError(f"nothing should have been done, but there were {spent}")


def must(ran: Ran, what: str) -> None:
    """Raises RuntimeError with what a command said of its failure, if it failed."""
    if ran.code:
        lines = ran.text.splitlines()
        first = next((n for n, line in enumerate(lines) if "error" in line.lower()), -30)
        raise RuntimeError(f"{what} failed: " + "\n".join(lines[first:][:30]))
