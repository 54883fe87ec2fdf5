"""A machine in a folder: /opt and units are bind mounts, its tools are fakes, bash is real."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from components.bundle import bundle, bundle_key
from components.documents.service import FILES, HostServiceSpec, bundle_files

TOOLS = ("docker", "systemctl", "journalctl", "curl", "aws", "nginx", "pgrep", "ss")
ENTER = (
    'mount --bind "$FAKE/opt" /opt && mkdir -p /etc/systemd/system && '
    'mount --bind "$FAKE/units" /etc/systemd/system && mkdir -p /etc/nginx/conf.d && '
    'mount --bind "$FAKE/sites" /etc/nginx/conf.d && mkdir -p /run/slipway && '
    'mount --bind "$FAKE/run" /run/slipway && mkdir -p /etc/slipway && '
    'mount --bind "$FAKE/own" /etc/slipway && exec "$@"'
)
SHOP = HostServiceSpec(
    name="book-shop",
    port=8000,
    publish=8080,
    health="/healthz",
    repository="dev/app",
    timeout=2,
    bake=0,
)
ATTA = HostServiceSpec(
    name="atta", job=True, volumes=("output:/app/output",), repository="dev/app", timeout=5
)


def digest(name: str) -> str:
    """A made-up digest for an image."""
    return "sha256:" + hashlib.sha256(name.encode()).hexdigest()


def reference(name: str, tag: str) -> str:
    """The reference a host is told to run."""
    return f"127.0.0.1:4510/dev/app:{tag}@{digest(name)}"


@dataclass(frozen=True)
class Answer:
    """What came back from the machine."""

    code: int
    text: str
    report: dict[str, Any]


class FakeHost:
    """Runs the deploy document's step as the SSM agent would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in (
            "opt",
            "units",
            "bin",
            "bucket",
            "images",
            "containers",
            "enabled",
            "sites",
            "run",
            "own",
        ):
            (folder / name).mkdir()
        for name in ("nginx", "active"):
            (folder / name).mkdir()
        (folder / "behaviour").mkdir()
        for tool in TOOLS:
            shutil.copy(Path(__file__).with_name("host_tool.sh"), folder / "bin" / tool)
            (folder / "bin" / tool).chmod(0o755)

    def image(self, name: str, behaviour: str) -> None:
        """Says what an image will do when it is run."""
        (self.folder / "behaviour" / digest(name).removeprefix("sha256:")).write_text(behaviour)

    def upload(self, version: str, *services: HostServiceSpec, data: bytes | None = None) -> str:
        """Puts a bundle into the bucket; gives its SHA-256."""
        if data is None:
            data = bundle(bundle_files(services or (SHOP, ATTA), region="eu-west-1"), version)
        path = self.folder / "bucket" / "deploys" / bundle_key("dev", version)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return hashlib.sha256(data).hexdigest()

    def deploy(self, service: HostServiceSpec, version: str, build: str, **other: str) -> Answer:
        """Uploads the bundle of a version and deploys it; `build` is what its digest is made of."""
        values = {"sha256": self.upload(version), "image": reference(build, version), **other}
        return self.send("deploy", service, version, **values)

    def send(self, action: str, service: HostServiceSpec, version: str, **other: str) -> Answer:
        """Runs the step to its end."""
        return self.wait(self.start(action, service, version, **other))

    def wait(self, process: subprocess.Popen[str]) -> Answer:
        """What a started step ends with."""
        out, error = process.communicate(timeout=60)
        lines = out.splitlines()
        report = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
        return Answer(process.returncode, out + error, report)

    def start(
        self, action: str, service: HostServiceSpec, version: str, **other: str
    ) -> subprocess.Popen[str]:
        """Starts the step with the parameters of an ordinary command, some of them replaced."""
        parameters = {
            "action": action,
            "service": service.name,
            "kind": service.kind,
            "key": bundle_key("dev", version) if action == "deploy" else "-",
            "version": version,
            "timeout": str(service.timeout),
        }
        return self._spawn({**parameters, **other})

    def run(self, parameters: dict[str, str], *, agent_knows_variables: bool = True) -> Answer:
        """Runs the step with just these parameters."""
        return self.wait(self._spawn(parameters, agent_knows_variables=agent_knows_variables))

    def _spawn(
        self, parameters: dict[str, str], *, agent_knows_variables: bool = True
    ) -> subprocess.Popen[str]:
        defaults = {
            "stack": "test",
            "bucket": "deploys",
            "sha256": "-",
            "image": "-",
            "region": "eu-west-1",
            "by": "-",
            "lines": "100",
            "since": "-",
        }
        values = {**defaults, **parameters} if agent_knows_variables else {}
        environment = {f"SSM_{name}": value for name, value in values.items()}
        environment["FAKE"] = str(self.folder)
        environment["PATH"] = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return subprocess.Popen(
            [*_private_mounts(), "sh", "-c", ENTER, "enter", "sh", str(FILES / "bootstrap.sh")],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def containers(self) -> dict[str, str]:
        """Running containers and the digest each was made from."""
        found = {}
        for folder in (self.folder / "containers").iterdir():
            if (folder / "State.Running").read_text().strip() == "true":
                image = (folder / "Config.Image").read_text().strip()
                found[folder.name] = image.partition("@")[2]
        return found

    def read(self, path: str) -> str | None:
        """A file of the machine below /opt or the units' folder, None if there is none."""
        inside = path.replace("/etc/systemd/system", "units").removeprefix("/")
        file = self.folder / inside
        return file.read_text() if file.exists() else None

    def calls(self, start: str) -> list[str]:
        """Calls of the tools that begin with some words."""
        log = self.folder / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if line.startswith(start)]


def _private_mounts() -> list[str]:
    unshare = shutil.which("unshare")
    flags = ["--mount"] if os.geteuid() == 0 else ["--map-root-user", "--mount"]
    if unshare is None or subprocess.run([unshare, *flags, "true"], check=False).returncode:
        pytest.skip("unshare --mount is not allowed here: the deploy script would touch /opt")
    return [unshare, *flags]
