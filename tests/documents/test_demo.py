"""`make demo`, README's first command, and what README says to type after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.estate import PROJECT, Estate

SERVICES = ("atta", "backend", "book-shop", "notifier", "local-backend")
BY_HAND = (
    "pulumi preview --stack local",
    "pulumi up --stack local",
    "pulumi stack output --stack local",
    "slipway status local",
)


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Estate]:
    """A clone whose owner has set no more than the ports, since others were occupied."""
    estate = Estate(tmp_path, dict(os.environ))
    estate.slipway = tmp_path / "clone"
    estate.git("clone", "--quiet", str(PROJECT), str(estate.slipway), top=PROJECT)
    (estate.slipway / ".venv").symlink_to(PROJECT / ".venv")
    file = estate.slipway / "Pulumi.local.yaml"
    text = file.read_text().replace(":4566", f":{estate.cloud_port}")
    file.write_text(text.replace(":4510", f":{estate.registry_port}"))
    for name in ("SLIPWAY_STATE", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"):
        del estate.environment[name]
    estate.environment["PULUMI_SKIP_CONFIRMATIONS"] = "true"
    yield estate
    estate.run("make", "down").ok()


def test_the_demo_runs_and_goes_on_by_hand(newcomer: Estate) -> None:
    assert "the main job on the local stack" in newcomer.run("make", "help").ok()
    text = newcomer.run("make", "demo").ok()
    for service in SERVICES:
        assert f"\n{service} " in text, "the table at its end"
    assert "put back" in text, "a version that is never healthy"
    for typed in BY_HAND:
        given = ". ./env.sh; export DOCKER_CONFIG=$PWD/.slipway/docker-config"
        newcomer.run("bash", "-euo", "pipefail", "-c", f"{given}; {typed}").ok()
