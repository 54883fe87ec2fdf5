"""One service on a host: from an edit to its answer, back again, and in a stack of many services.

All others are jobs: their units are installed, and nothing of theirs runs meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from statistics import median

import requests

from bench import monorepo
from bench.deploy_dev_reference import PORT, DeployDev
from bench.hosts import machine_of
from bench.monorepo import Stack
from bench.row import Row
from bench.taken import Taken, taken
from tests.estate import Estate
from tests.localcloud.cloud import Cloud

SIZES = (2, 50, 200)
ALLOWED = 1.3  # times the change in a stack of two
_TIMES = 3
_SHOP = {"target": "host", "port": 8000, "publish": 8080, "health": "/healthz"}
_JOB = {"target": "host", "image": "atta", "job": True, "schedule": "cron(0 4 * * ? *)"}
_SNAPSHOT = {"images": "build", "names": ["{sha}"]}
_RELEASE = {"images": "build", "names": ["{version}"]}
_PROCEDURE = "bench/deploy_dev_reference.py"


def rows() -> Iterator[Row]:
    """Raises RuntimeError if a deploy fails, or what runs is not what was asked."""
    with monorepo.running() as estate:
        stack = Stack(estate, estate.checkout(estate.folder / "hosted"), "hosted")
        _write(stack, SIZES[0])
        stack.create()
        yield from _to_an_answer(stack)
        first: Taken | None = None
        for services in SIZES:
            _write(stack, services)
            stack.prepare()
            found = _one_change(stack)
            first = first or found
            yield _change_row(stack, services, found, first)


def _write(stack: Stack, services: int, release: Mapping[str, object] = _SNAPSHOT) -> None:
    jobs = {f"job-{number:03}": _JOB for number in range(services - 1)}
    stack.write({"book-shop": _SHOP, **jobs}, release=release)


def _one_change(stack: Stack) -> Taken:
    runs = []
    for _ in range(_TIMES):
        # What did not change keeps its name in a snapshot: with a new version all would switch.
        stack.change("services/book-shop/app.py")
        runs.append(taken(stack.up))
    return sorted(runs, key=lambda each: each.seconds)[_TIMES // 2]


def _change_row(stack: Stack, services: int, found: Taken, first: Taken) -> Row:
    return Row(
        what=f"one change in {services} services of a host, to its verdict",
        ours=found.seconds,
        note=f"pulumi up: 1 build, {stack.resources()} resources, cpu {found.cpu:.1f} s",
        against=f"one change in {SIZES[0]}; {ALLOWED} times as long is allowed",
        theirs=first.seconds,
        remark=f"cpu {first.cpu:.1f} s",
        source="bench/hosted.py",
        curve="one change, host",
        size=services,
    )


def _to_an_answer(stack: Stack) -> Iterator[Row]:
    """Deploys and rollbacks in turns: both procedures of the same edits, on a machine each."""
    theirs, address = _reference(stack)
    mine = str(stack.output("services")["book-shop"]["url"])
    other = f"http://{address}:{PORT}"
    taken_by: dict[str, list[float]] = {"ours": [], "theirs": [], "back": [], "their back": []}
    versions = [f"v1.{number}.0" for number in range(_TIMES + 1)]
    _write(stack, SIZES[0], _RELEASE)
    for number, version in enumerate(versions):
        greeting = _edit(stack, number)
        ours = _until(mine, greeting, lambda v=version: stack.up("-c", f"version={v}"))  # type: ignore[misc]
        reference = _until(other, greeting, lambda v=version: theirs.deploy(v))  # type: ignore[misc]
        if number:  # the first one of the reference has nothing to stop
            taken_by["ours"].append(ours)
            taken_by["theirs"].append(reference)
    # As prod does: a version that exists is deployed as it is.
    promote = {"images": "promote", "names": ["{version}"], "origin": {"stack": stack.name}}
    _write(stack, SIZES[0], promote)
    oldest, newest, greeting = versions[0], versions[-1], "Welcome, edit 0"
    for _ in range(_TIMES):
        stack.up("-c", f"version={newest}")
        theirs.roll_back(newest)
        back = _until(mine, greeting, lambda: stack.up("-c", f"version={oldest}"))
        taken_by["back"].append(back)
        back = _until(other, greeting, lambda: theirs.roll_back(oldest))
        taken_by["their back"].append(back)
        stack.resume()
    yield Row(
        what="one service of a host, from an edit to its answer",
        ours=median(taken_by["ours"]),
        note="pulumi up: build, push, bundle, switch without a gap",
        against="tag, build, push, bundle, two SSM commands: stop, start",
        theirs=median(taken_by["theirs"]),
        remark="no state, no record, no health check; a gap",
        source=_PROCEDURE,
    )
    yield Row(
        what="rollback of a service of a host, to its answer",
        ours=median(taken_by["back"]),
        note="pulumi up -c version=…: 0 builds",
        against="one SSM command: pull, write .env, restart",
        theirs=median(taken_by["their back"]),
        remark="typed by a person who knows the machine; a gap",
        source=_PROCEDURE,
    )


def _reference(stack: Stack) -> tuple[DeployDev, str]:
    estate: Estate = stack.estate
    cloud = Cloud(estate.state, estate.cloud_port, estate.registry_port)
    machine = machine_of(cloud)
    machine.wait_online(180)
    made = DeployDev(cloud, machine, stack)
    made.prepare()
    asked = cloud.client("ec2").describe_instances(InstanceIds=[machine.id])
    return made, str(asked["Reservations"][0]["Instances"][0]["PrivateIpAddress"])


def _edit(stack: Stack, number: int) -> str:
    """Another greeting in the source; gives it."""
    file: Path = stack.top / "services" / "book-shop" / "app.py"
    lines = file.read_text().splitlines()
    greeting = f"Welcome, edit {number}"
    changed = [f'GREETING = "{greeting}"' if ln.startswith("GREETING =") else ln for ln in lines]
    file.write_text("\n".join(changed) + "\n")
    return greeting


def _until(url: str, greeting: str, work: Callable[[], None]) -> float:
    """Seconds from the beginning of the work to the first answer with that greeting.

    The work is waited for as well: slipway goes on judging when it answers already.
    """
    began, found, ended = time.monotonic(), list[float](), threading.Event()

    def watch() -> None:
        while not found and not ended.is_set():
            with suppress(OSError, ValueError):
                answer = requests.get(f"{url}/", timeout=2)
                if answer.json().get("greeting") == greeting:
                    found.append(time.monotonic() - began)
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
        watcher.join(60)
    finally:
        ended.set()
        watcher.join()
    if not found:
        raise RuntimeError(f"{url} does not answer {greeting!r} 60 s after its deploy")
    return found[0]
