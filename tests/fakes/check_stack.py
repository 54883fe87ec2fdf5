"""A stack for `slipway check`: the registry is a real one, the bucket is in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli import check, check_parts
from clients import ClientError
from clients.aws import AwsAccess
from clients.registry import Manifest, Registry
from clients.registry_auth import Keychain
from release.record import BundleEntry
from tests.fakes.bucket import BUCKET, FakeS3, store, use
from tests.fakes.records import record
from tests.fakes.registry import CONFIG, OCI, docker_registry, push_blob, push_manifest

BUNDLE = "bundles/prod/deploy-bundle-v1.2.0.tar.gz"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("registry")
    with docker_registry(folder) as found:
        yield found, folder


class Bench:
    """A stack of one image whose record is in a bucket in memory."""

    def __init__(self, registry: Registry, folder: Path, bucket: FakeS3) -> None:
        self.registry, self.folder, self.bucket = registry, folder, bucket
        self.services: dict[str, Any] = {"shop": SimpleNamespace(target="host", image=None)}
        self.region: str | None = "eu-west-1"
        self.revision: str | None = "prod-shop:7"

    def image(self, machine: str = "amd64") -> Manifest:
        config = {"os": "linux", "architecture": machine}
        parts = [push_blob(self.registry, f"layer {n}".encode()) for n in range(2)]
        made = push_blob(self.registry, json.dumps(config).encode(), CONFIG)
        return push_manifest(self.registry, {"config": made, "layers": parts}, OCI, "v1.2.0")

    def deployed(self, made: Manifest, **values: Any) -> None:
        entry = {
            "repository": self.registry.repository,
            "digest": made.digest,
            "tag": "v1.2.0",
        }
        self.bucket.objects[BUNDLE] = b"bundle"
        sha256 = hashlib.sha256(b"bundle").hexdigest()
        bundle = BundleEntry(bucket=BUCKET, key=BUNDLE, sha256=sha256, version="v1.2.0")
        plain = {"version": "v1.2.0", "images": {"shop": entry}, "bundle": bundle}
        store().open(record(3, **{**plain, **values}))

    def lose(self, digest: str) -> None:
        plain = digest.removeprefix("sha256:")
        (found,) = self.folder.rglob(f"blobs/sha256/*/{plain}/data")
        found.unlink()

    def run(self, *words: str) -> tuple[str, str | None]:
        """What it printed, and what it refused."""
        app = typer.Typer()
        check.register(app)
        app.command("other")(lambda: None)
        written = len(self.bucket.written())
        ran = CliRunner().invoke(app, ["check", *words])
        assert len(self.bucket.written()) == written, "a check writes nothing"
        error = ran.exception
        assert error is None or isinstance(error, ClientError | ValueError), error
        return ran.stdout, None if error is None else str(error)


@pytest.fixture
def bench(
    host: tuple[str, Path],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Bench:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    path = hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    keychain = Keychain()
    made = Bench(Registry(f"{host[0]}/prod/{path}", keychain), host[1], use(monkeypatch))
    access = AwsAccess(region="eu-west-1")

    def opened(name: str) -> SimpleNamespace:
        settings = SimpleNamespace(services=made.services, region="eu-west-1", stack=name)
        monkeypatch.setattr(keychain, "ecr_region", lambda _: made.region)
        return SimpleNamespace(settings=settings, keychain=keychain, records=store(), access=access)

    monkeypatch.setattr(check, "open_stack", opened)
    monkeypatch.setattr(check_parts, "active_with", lambda *_: made.revision)
    return made
