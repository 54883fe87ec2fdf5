"""The sample backend takes orders, tells what runs and migrates its database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_port

BACKEND = Path(__file__).resolve().parents[2] / "services" / "backend"


@pytest.fixture
def url() -> Iterator[str]:
    """A running backend, which has to end cleanly at SIGTERM."""
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "IMAGE_TAG": "v1.2.3@sha256:abc"}
    process = subprocess.Popen(
        [sys.executable, "-u", str(BACKEND / "app.py")],
        env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == f"backend v1.2.3 listens on {port}\n"
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    out, _ = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "backend ends\n")
    assert time.monotonic() - begun < 3


def fetch(url: str, body: object = None) -> tuple[int, dict[str, object]]:
    """Status and document."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(url, data, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_it_tells_what_runs_and_takes_orders(url: str) -> None:
    running = {"service": "backend", "version": "v1.2.3", "digest": "sha256:abc"}
    assert fetch(f"{url}/version") == (200, running)
    assert fetch(f"{url}/healthz") == (200, {"status": "ok"})
    order = {"number": 1, "title": "Typhoon", "count": 2, "price": 14}
    assert fetch(f"{url}/orders", {"title": "Typhoon", "count": 2}) == (201, order)
    assert fetch(f"{url}/orders") == (200, {"orders": [order]})


def test_it_refuses_what_is_not_sold(url: str) -> None:
    wishes: tuple[object, ...] = ({"title": "Ulysses"}, {"title": "Typhoon", "count": 0}, [], "x")
    for wish in wishes:
        assert fetch(f"{url}/orders", wish)[0] == 400
    assert fetch(f"{url}/orders", {"title": "Typhoon", "count": True})[0] == 400
    assert fetch(f"{url}/nothing")[0] == 404
    assert fetch(f"{url}/orders") == (200, {"orders": []})


def migrate(database: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the one-off task."""
    return subprocess.run(
        [sys.executable, str(BACKEND / "migrate.py")],
        env={"PATH": os.environ["PATH"], "DATABASE": str(database), **environment},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_a_migration_says_what_it_did_and_never_the_password(tmp_path: Path) -> None:
    first = migrate(tmp_path / "shop.db", DB_PASSWORD="hunter2")
    again = migrate(tmp_path / "shop.db", DB_PASSWORD="hunter2")
    assert (first.returncode, first.stdout) == (0, "migrate: done 001 orders, 002 price\n")
    assert (again.returncode, again.stdout) == (0, "migrate: done already\n")
    assert "hunter2" not in first.stdout + first.stderr + again.stdout + again.stderr


def test_a_migration_without_its_secret_or_database_fails(tmp_path: Path) -> None:
    without = migrate(tmp_path / "shop.db")
    assert (without.returncode, "DB_PASSWORD is not set" in without.stdout) == (1, True)
    nowhere = migrate(tmp_path / "no" / "shop.db", DB_PASSWORD="x")
    assert (nowhere.returncode, "unable to open database" in nowhere.stdout) == (1, True)
