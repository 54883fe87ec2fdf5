"""A monorepo with one image and a stack file, and what its registry and its records would say."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.app import main
from clients.registry import Manifest
from release.record import ImageEntry, Pointer, Record

PLACE = "127.0.0.1:4510"
D1, D2 = ("sha256:" + letter * 64 for letter in "12")
RECORD = "20261121T070000Z-a1b2c3d-aaaaaa"

CONFIG: dict[str, Any] = {
    "aws:region": "eu-west-1",
    "slipway:roots": ["services"],
    "slipway:registry": {"kind": PLACE, "repository": "dev/{image}"},
    "slipway:bundles": {"bucket": "some-bucket"},
    "slipway:host": {"instances": {"tag": "role=app"}},
    "slipway:services": {"shop": {"target": "host", "port": 8000}},
}


@dataclass
class World:
    """The monorepo and what surrounds it."""

    top: Path
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    """By repository: tag to digest."""
    manifests: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By digest, as far as they matter."""
    record: Record | None = None

    def write(self, path: str, text: str) -> Path:
        """Writes a file of the monorepo."""
        file = self.top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def stack(self, name: str, **changed: Any) -> None:
        """Writes a stack file: the usual one with these keys changed."""
        more = {f"slipway:{key}": value for key, value in changed.items()}
        self.write(f"deploy/Pulumi.{name}.yaml", yaml.safe_dump({"config": CONFIG | more}))

    def git(self, *words: str) -> str:
        """Runs git in the monorepo."""
        who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        argv = ["git", "-C", str(self.top), *who, *words]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    def commit(self, message: str = "more") -> None:
        """Commits all that there is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def deployed(self, *, digest: str = D1, repository: str = f"{PLACE}/dev/shop") -> None:
        """Records what lies in the work tree as deployed."""
        from cli.stack import open_stack
        from cli.why import inputs_of

        stack = open_stack("dev")
        planned = stack.look.images["shop"]
        entry = ImageEntry(
            repository=repository,
            digest=digest,
            tag="abc",
            key=planned.key,
            inputs=inputs_of(stack, planned),
        )
        self.record = Record(
            id=RECORD, project="slipway", stack="dev", commit="a" * 40, checkout="a" * 40,
            who="a@b", where="b", started="2026-11-21T07:00:00Z", outcome="succeeded",
            names=("v1.2.0",), images={"shop": entry}, services={},
        )  # fmt: skip

    def made(self, digest: str = D1) -> None:
        """The registry has the content of the work tree."""
        from cli.stack import open_stack

        planned = open_stack("dev").look.images["shop"]
        self.names.setdefault(f"{PLACE}/dev/shop", {})[f"src-{planned.key}"] = digest


def fake_registry(world: World) -> type:
    """A class that answers as `clients.registry.Registry` does, from the world."""

    class FakeRegistry:
        def __init__(self, repository: str, *_: object) -> None:
            self.repository = repository
            self.names = world.names.get(repository, {})

        def head(self, reference: str) -> str | None:
            return self.names.get(reference)

        def tags(self, limit: int = 1000) -> list[str]:
            return list(self.names)[:limit]

        def get(self, digest: str) -> Manifest:
            return Manifest(
                json.dumps(world.manifests.get(digest, {"layers": []})).encode(), "", digest
            )

    return FakeRegistry


def fake_records(world: World) -> type:
    """A class that answers as `clients.record_store.RecordStore` does, from the world."""

    class FakeRecords:
        def __init__(self, *_: object) -> None:
            pass

        def pointer(self, stack: str) -> tuple[Pointer, str] | None:
            if world.record is None:
                return None
            moved = "2026-11-21T07:01:00Z"
            return Pointer(stack=stack, record=world.record.id, moved=moved), "etag"

        def read(self, stack: str, record: str) -> Record | None:
            return world.record

        def newest(self, stack: str, limit: int) -> list[Record]:
            return [world.record] if world.record else []

    return FakeRecords


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A committed monorepo with the image `shop`, in the current folder."""
    made = World(tmp_path / "monorepo")
    made.write("deploy/Pulumi.yaml", "name: slipway\nruntime: python\n")
    made.write("deploy/infra/stack_file.py", "")
    made.stack("dev")
    made.write("services/shop/Dockerfile", "FROM debian:bookworm\nCOPY . .\n")
    made.write("services/shop/app.py", "print('one')\n" * 5)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit("first")
    monkeypatch.chdir(made.top / "deploy")
    for variable in ("SLIPWAY_ALL", "SLIPWAY_BUMP", "SLIPWAY_SUFFIX", "SLIPWAY_TAG"):
        monkeypatch.delenv(variable, raising=False)
    for module in ("cli.stack", "cli.images"):
        monkeypatch.setattr(f"{module}.Registry", fake_registry(made))
    monkeypatch.setattr("cli.stack.RecordStore", fake_records(made))
    return made


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def slipway(capfd: pytest.CaptureFixture[str]) -> Any:
    """Runs a command as `slipway` does."""

    def run(*words: str) -> Ran:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(words)
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Ran(int(ended.value.code or 0), out, err)

    return run
