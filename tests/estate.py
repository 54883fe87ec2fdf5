"""The scratch monorepo, its local cloud, and pulumi in it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import yaml

from localcloud.place import Place
from tests.machine_words import container_of, words_of
from tests.ports import free_port

PROJECT = Path(__file__).resolve().parents[1]
STACK = "e2e"
# The samples that run on a host: what most tests are about.
HOSTED = ("book-shop", "atta")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a command printed, and how it ended."""

    code: int
    text: str

    def ok(self) -> str:
        """What it printed. Raises `AssertionError` with all of it if it failed."""
        assert self.code == 0, self.text
        return self.text

    def refused(self) -> str:
        """What it printed when it had to fail, which must be no traceback."""
        assert self.code != 0, self.text
        assert "Traceback" not in self.text, self.text
        return self.text


@dataclass
class Estate:
    """One monorepo of somebody else, slipway in its folder deploy/, and one cloud."""

    folder: Path
    environment: dict[str, str]
    cloud_port: int = field(default_factory=free_port)
    registry_port: int = field(default_factory=free_port)
    built: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.state = self.folder / "state"
        self.environment |= {
            "SLIPWAY_STATE": str(self.state),
            "SLIPWAY_CLOUD_PORT": str(self.cloud_port),
            "SLIPWAY_REGISTRY_PORT": str(self.registry_port),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'pulumi'}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": "",
        }
        self._selected: dict[Path, str] = {}
        (self.folder / "pulumi").mkdir()
        self.top = self.checkout(self.folder / "monorepo")
        self.slipway = self.top / "deploy"

    def checkout(self, top: Path, services: Sequence[str] = HOSTED) -> Path:
        """Lays out a monorepo of somebody else, with slipway as one folder of it, and commits.

        Of the sample services it has those that are named.
        """
        listed = ["git", "-C", str(PROJECT), "ls-files", "-z", "-co", "--exclude-standard"]
        files = subprocess.run(listed, check=True, capture_output=True, text=True).stdout
        for path in files.split("\0")[:-1]:
            parts = Path(path).parts
            left_out = parts[0] == "services" and parts[1] not in services
            if (PROJECT / path).is_file() and not left_out:
                below = top if path.startswith("services/") else top / "deploy"
                (below / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(PROJECT / path, below / path)
        for foreign in ("infra", "tests", "release", "provider", "components"):
            (top / foreign).mkdir()
            (top / foreign / "__init__.py").write_text("raise RuntimeError('not slipway')\n")
        (top / "deploy" / ".venv").symlink_to(PROJECT / ".venv")
        self.write_stack(top)
        self.git("init", "--quiet", "--initial-branch", "main", top=top)
        self.git("add", "--all", top=top)
        self.git("commit", "--quiet", "--message", "first", top=top)
        return top

    def write_stack(self, top: Path, name: str = STACK, **changed: object) -> Path:
        """Pulumi.local.yaml on this cloud's ports, with these keys changed (None: removed)."""
        text = (PROJECT / "Pulumi.local.yaml").read_text()
        text = text.replace(":4566", f":{self.cloud_port}").replace(
            ":4510", f":{self.registry_port}"
        )
        document = yaml.safe_load(text)
        shipped = document["config"]["slipway:services"]
        document["config"]["slipway:services"] = {each: shipped[each] for each in HOSTED}
        for key, value in changed.items():
            document["config"].pop(f"slipway:{key}", None)
            if value is not None:
                document["config"][f"slipway:{key}"] = value
        file = top / "deploy" / f"Pulumi.{name}.yaml"
        file.write_text(yaml.safe_dump(document))
        return file

    def git(self, *words: str, top: Path | None = None) -> str:
        """Runs git in the monorepo; what it printed."""
        who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        argv = ["git", "-C", str(top or self.top), *who, *words]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    def run(self, *argv: str, cwd: Path | None = None, **environment: str) -> Ran:
        """Runs a command in slipway's folder."""
        done = subprocess.run(
            argv,
            cwd=cwd or self.slipway,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=900,
        )
        return Ran(code=done.returncode, text=done.stdout)

    def pulumi(self, *words: str, cwd: Path | None = None, **environment: str) -> Ran:
        """Runs pulumi, never asking."""
        return self.run("pulumi", *words, "--non-interactive", cwd=cwd, **environment)

    def up(self, *words: str, stack: str = STACK, cwd: Path | None = None) -> Ran:
        """`pulumi up`, creating the stack where it is new."""
        self.select(stack, cwd)
        return self.pulumi("up", "--stack", stack, "--yes", "--skip-preview", *words, cwd=cwd)

    def preview(self, *words: str, stack: str = STACK, cwd: Path | None = None) -> Ran:
        """`pulumi preview`."""
        self.select(stack, cwd)
        return self.pulumi("preview", "--stack", stack, *words, cwd=cwd)

    def select(self, stack: str, cwd: Path | None = None) -> None:
        """Makes the stack if it is new, and makes it the folder's current one."""
        place = cwd or self.slipway
        backend = urlsplit(self.environment["PULUMI_BACKEND_URL"]).path
        states = list(Path(backend).glob(f".pulumi/stacks/*/{stack}.json"))
        if not states or self._selected.get(place) != stack:
            self.pulumi("stack", "select", "--create", stack, cwd=cwd).ok()
            self._selected[place] = stack

    def services(self, stack: str = STACK) -> dict[str, Any]:
        """The stack output `services`."""
        text = self.pulumi("stack", "output", "--json", "--stack", stack).ok()
        services: dict[str, Any] = json.loads(text)["services"]
        return services

    def get(self, path: str, stack: str = STACK) -> dict[str, Any]:
        """What book-shop answers."""
        url = f"{self.services(stack)['book-shop']['url']}{path}"
        with urllib.request.urlopen(url, timeout=3) as answer:
            document: dict[str, Any] = json.loads(answer.read())
        return document

    def on_machine(self, command: str, instance: str | None = None) -> Ran:
        """Types a command on the machine, as an operator in a Session Manager session would."""
        place, wanted = Place.of(self.state), instance or self.instances()[0]
        enter = ("docker", "exec", container_of(place, wanted))
        argv = ["bash", "-c", command]
        ran, text = words_of(place, wanted, argv, lambda words: self.run(*enter, *words))
        return Ran(code=ran.code, text=text or ran.text)

    def instances(self) -> list[str]:
        """The ids of the machines that run."""
        found = self.client("ec2").describe_instances(
            Filters=[{"Name": "instance-state-name", "Values": ["running"]}]
        )
        return [each["InstanceId"] for r in found["Reservations"] for each in r["Instances"]]

    def client(self, service: str) -> Any:
        """A boto3 client of this cloud."""
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.cloud_port}",
            region_name="eu-west-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    def counters(self) -> dict[str, int]:
        """What the cloud and BuildKit have done so far."""
        url = f"http://127.0.0.1:{self.cloud_port}/_localcloud/counters"
        with urllib.request.urlopen(url, timeout=3) as answer:
            counted: dict[str, int] = json.loads(answer.read())
        builds = self.run("docker", "buildx", "history", "ls", "--format", "{{.Ref}}", "--no-trunc")
        # It lists the last 50 alone.
        self.built |= set(builds.ok().split())
        return {**counted, "builds": len(self.built)}

    def start_cloud(self) -> None:
        """Starts the cloud; it is ready when this returns."""
        self.run(sys.executable, "-m", "localcloud", "up", cwd=PROJECT).ok()

    def stop_cloud(self) -> None:
        """Stops the cloud and all it started."""
        self.run(sys.executable, "-m", "localcloud", "down", cwd=PROJECT).ok()
