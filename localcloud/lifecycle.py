"""up, down and status of a cloud that runs on its own."""

import json
import os
import shutil
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from localcloud import processes
from localcloud.containers.engine import Containers
from localcloud.ec2.engine import Engine
from localcloud.place import Place
from localcloud.problem import CloudError

START_SECONDS = 120
LOG_LINES = 5


def mark(place: Place) -> str:
    """The word of a cloud's command line that no other process has."""
    return f"--state={place.state}"


def up(place: Place, images: Path, region: str, port: int, registry_port: int) -> dict[str, Any]:
    """Starts the cloud if it isn't running; gives its endpoints when it is ready.

    Raises CloudError if it cannot start, with the reason.
    """
    check_images(images)
    if processes.running(place.pid_file("cloud"), mark(place)) is None:
        place.folder.mkdir(parents=True, exist_ok=True)
        place.endpoints_file.unlink(missing_ok=True)
        log = place.log_file("cloud")
        log.write_bytes(b"")
        argv = [sys.executable, "-m", "localcloud", "serve", mark(place), f"--images={images}"]
        argv += [f"--region={region}", f"--port={port}", f"--registry-port={registry_port}"]
        root = str(Path(__file__).resolve().parent.parent)
        env = {**os.environ, "PYTHONPATH": root}
        processes.start(argv, place.pid_file("cloud"), mark(place), log, env)
    return wait(place)


def wait(place: Place) -> dict[str, Any]:
    """Waits until the endpoints file is there; raises CloudError if the server ends first."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        alive = processes.running(place.pid_file("cloud"), mark(place))
        if place.endpoints_file.exists():
            ends: dict[str, Any] = json.loads(place.endpoints_file.read_text())
            return ends
        if alive is None:
            place.pid_file("cloud").unlink(missing_ok=True)
            raise CloudError(last_words(place))
        time.sleep(0.05)
    raise CloudError(f"the local cloud is not ready after {START_SECONDS} s; {last_words(place)}")


def last_words(place: Place) -> str:
    """Why the server ended: its own message, else the end of its log."""
    log = place.log_file("cloud")
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    for line in lines:
        if line.startswith("localcloud: "):
            return line.removeprefix("localcloud: ")
    return "\n".join([f"the local cloud ended; the end of {log}:", *lines[-LOG_LINES:]])


def check_images(images: Path) -> None:
    """Raises CloudError if set-up has not made the images."""
    missing = [name for name in ("base.tar", "machine.tar") if not (images / name).exists()]
    if missing:
        raise CloudError(f"{images} has no {' and no '.join(missing)}; run `make setup`")


def down(place: Place) -> list[str]:
    """Stops the cloud and removes its machines; gives a line per part that there was."""
    done = []
    if processes.stop(place.pid_file("cloud"), mark(place)):
        done.append("local cloud stopped")
    config = str(place.folder / "registry.yml")
    if processes.stop(place.pid_file("registry"), config):
        done.append("registry stopped")
    place.endpoints_file.unlink(missing_ok=True)
    done += _remove_containers(place)
    shutil.rmtree(place.sockets, ignore_errors=True)
    return done


def _remove_containers(place: Place) -> list[str]:
    try:
        containers, machines = Containers(place.label), Engine(place.label)
    except CloudError:  # without an engine there are no machines either
        return []
    done = [f"container {name} removed" for name in containers.remove_all()]
    return [*done, *(f"machine {name} removed" for name in machines.remove_all())]


def status(place: Place) -> dict[str, str]:
    """A line per part; raises CloudError if the cloud does not run."""
    if processes.running(place.pid_file("cloud"), mark(place)) is None:
        raise CloudError(f"no local cloud runs in {place.state}; `python -m localcloud up`")
    port = wait(place)["port"]
    url = f"http://127.0.0.1:{port}/_localcloud/health"
    with urllib.request.urlopen(url, timeout=10) as answer:
        parts: dict[str, str] = json.load(answer)
    return {"endpoint": f"http://127.0.0.1:{port}", **parts}
