"""The check that a container runs inside of itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from components.documents.probe import probe
from tests.unit.test_components_ecs import backend, container

TOOLS = {
    "python3": sys.executable,
    **{tool: found for tool in ("wget", "curl", "node") if (found := shutil.which(tool))},
}


def test_without_a_balancer_the_container_asks_itself() -> None:
    check = container(backend(health="/healthz", grace=20))["healthCheck"]

    assert check["command"][:3] == ["CMD", "sh", "-c"]
    assert check["command"][4:] == ["probe", "http://127.0.0.1:3000/healthz"]
    times = {key: check[key] for key in ("interval", "timeout", "retries", "startPeriod")}
    assert times == {"interval": 5, "timeout": 4, "retries": 3, "startPeriod": 20}


def test_a_check_of_ones_own_wins_and_an_empty_one_is_none() -> None:
    own = container(backend(health="/healthz", health_command=("/probe", "--quick")))

    assert own["healthCheck"]["command"] == ["CMD", "/probe", "--quick"]
    assert "healthCheck" not in container(backend(health="/healthz", health_command=()))
    assert "healthCheck" not in container(backend())


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(("status", "passes"), [(200, True), (500, False)])
def test_the_check_asks_by_whatever_the_image_has(
    tmp_path: Path, tool: str, status: int, passes: bool
) -> None:
    (tmp_path / tool).symlink_to(Path(TOOLS[tool]).resolve())
    with answering(status) as port:
        assert (checked(port, tmp_path) == 0) is passes


def test_the_check_fails_where_nothing_listens_and_passes_where_nothing_can_ask(
    tmp_path: Path,
) -> None:
    assert checked(9, tmp_path) == 0
    (tmp_path / "python3").symlink_to(Path(sys.executable).resolve())
    assert checked(9, tmp_path) != 0


def checked(port: int, path: Path) -> int:
    """The exit code of a container's check, with the programs of one folder."""
    check = probe(port=port, health="/healthz?a=b&c=d", command=None)
    assert check is not None
    argv = ["/bin/sh", *check[2:]]
    environment = {"PATH": str(path)}
    ran = subprocess.run(argv, env=environment, capture_output=True, check=False, timeout=30)
    return ran.returncode


@contextmanager
def answering(status: int) -> Iterator[int]:
    """The port of a server that answers one status to the path that is asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz?a=b&c=d" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
