"""A stack for `history`, `rollback` and `resume`: the bucket is in memory, pulumi is a script."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from cli import history, rollback, rollback_check
from clients import ClientError
from release.record import Hold, Record
from tests.fakes.bucket import FakeS3, store, use
from tests.fakes.records import D1, image, pointer_to, record, service

REPOSITORY = "127.0.0.1:4510/prod/shop"
HOLD = Hold(who="ada", why="the basket is empty", since="2026-11-21T07:00:00Z", version="v1.1.0")
PULUMI = """#!/bin/sh
printf '%s\\n' "$@" > "$OUT/argv"
pwd > "$OUT/cwd"
env | grep -E '^SLIPWAY_(ALL|BUMP|CLEANUP|HOLD|RELEASE|SOURCE)=' > "$OUT/wishes"
echo "pulumi says"
exit "${PULUMI_CODE:-0}"
"""


@dataclass
class Bench:
    """A stack with records, a registry that knows some names, and a pulumi that notes its call."""

    out: Path
    bucket: FakeS3
    names: dict[str, str] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)
    images: str = "promote"
    version_from: str = "config"

    def run(self, *words: str, **more: Any) -> Result:
        app = typer.Typer()
        history.register(app)
        rollback.register(app)
        return CliRunner().invoke(app, list(words), **more)

    def error(self, *words: str) -> str:
        ended = self.run(*words).exception
        assert isinstance(ended, ValueError | ClientError)
        return str(ended)

    def release(self, ago: float, version: str | None, digest: str = D1, **more: Any) -> Record:
        tag = version or f"sha{int(ago)}"
        made = record(
            ago,
            version=version,
            names=(tag,),
            images={"shop": image(digest, tag)},
            services={"shop": service(digest)},
            **more,
        )
        store().open(made)
        if made.outcome == "succeeded":
            self.names |= {tag: digest, digest: digest}
            found = store().pointer("prod")
            store().move(pointer_to(made), found[1] if found else None)
        return made

    def called(self, what: str) -> list[str]:
        return (self.out / what).read_text().splitlines()

    def ran(self) -> bool:
        return (self.out / "argv").exists()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench(tmp_path, use(monkeypatch))
    (tmp_path / "pulumi").write_text(PULUMI)
    (tmp_path / "pulumi").chmod(0o755)
    (tmp_path / "project").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("OUT", str(tmp_path))
    monkeypatch.setenv("SLIPWAY_ALL", "true")
    monkeypatch.delenv("SLIPWAY_HOLD", raising=False)

    class FakeRegistry:
        def __init__(self, repository: str, *_: object) -> None:
            assert repository == REPOSITORY

        def head(self, reference: str) -> str | None:
            made.heads.append(reference)
            return made.names.get(reference)

    def opened(name: str) -> SimpleNamespace:
        release = SimpleNamespace(images=made.images, version_from=made.version_from)
        settings = SimpleNamespace(release=release)
        folder = tmp_path / "project"
        return SimpleNamespace(records=store(), settings=settings, folder=folder, keychain=None)

    monkeypatch.setattr(rollback_check, "Registry", FakeRegistry)
    monkeypatch.setattr(rollback_check, "RegistryHttp", lambda host, keychain: None)
    for module in (history, rollback):
        monkeypatch.setattr(module, "open_stack", opened)
    return made
