"""A project with one image, for commands that run it on this machine."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.localcloud.cloud import Cloud

DOCKERFILE = 'FROM {base}\nCOPY app.py /\nEXPOSE 8000\nCMD ["python3", "/app.py"]\n'
APP = """
import http.server, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
http.server.HTTPServer(("", 8000), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


@dataclass(frozen=True)
class Shop:
    """A project with one image, which is in the registry under the names 1.0.0 and a1b2c3d."""

    project: Path
    repository: str
    environment: dict[str, str]

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Starts a slipway command."""
        # -P: the folder that it is started in is not where its code is.
        # Tests that run in the background pass on that Ctrl-C is ignored.
        argv = ["env", "--default-signal=INT", sys.executable, "-P", "-m", "cli.app", *words]
        return subprocess.Popen(
            argv, cwd=self.project, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: str) -> str:
        """Runs a slipway command that has to succeed; what it printed."""
        command = self.start(*words)
        out, err = command.communicate(timeout=120)
        assert command.returncode == 0, err
        return out


def write_project(folder: Path, cloud: Cloud, repository: str, base: str) -> None:
    """A git repository with a stack file and one image."""
    endpoints = [dict.fromkeys(("ecr", "s3", "sts"), cloud.url)]
    config = {
        "aws:region": "eu-west-1",
        "aws:accessKey": "any",
        "aws:secretKey": "word",
        "aws:endpoints": endpoints,
        "slipway:registry": {"kind": "ecr", "repository": f"{repository}/{{image}}"},
        "slipway:bundles": {"bucket": "some-bucket"},
        "slipway:host": {"create": True},
        "slipway:services": {"shop": {"target": "host", "port": 8000}},
    }
    source = folder / "services" / "shop"
    source.mkdir(parents=True)
    (source / "Dockerfile").write_text(DOCKERFILE.format(base=base))
    (source / "app.py").write_text(APP)
    (folder / "infra").mkdir()
    (folder / "infra" / "stack_file.py").touch()
    (folder / "Pulumi.yaml").write_text("name: slipway\n")
    (folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))
    for words in (
        ["init", "--quiet", "--initial-branch", "main"],
        ["add", "--all"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "x"],
    ):
        subprocess.run(["git", "-C", str(folder), *words], check=True)


def local(engine: Any, repository: str) -> list[str]:
    """The references of a repository that the engine has."""
    found: list[str] = []
    for each in engine.api.images():
        names = [*(each.get("RepoTags") or ()), *(each.get("RepoDigests") or ())]
        found += [name for name in names if name.startswith(repository)]
    return sorted(found)


def answers(url: str, seconds: float = 10) -> bool:
    """Whether something answers there."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.1)
    return False
