"""A service on a Docker engine, from its first container to its rollback, with one verdict.

The tests stand on each other, in this order. The engine is the real one.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest
import yaml

from tests.e2e.test_targets import ACTIONS, log_in
from tests.edits import Edit, edits_of
from tests.estate import Estate, Ran
from tests.ports import free_port

STACK, PROD = "containers", "containers-prod"
WEB = "slipway-e2e-web"
OTHER = "slipway-e2e-other"
APP = "services/book-shop/app.py"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """The stack, and what its engine runs."""

    estate: Estate
    folder: Path
    """The slipway folder."""
    port: int
    engine: Any

    def up(self, *words: str) -> Ran:
        return self.estate.up(*words, stack=STACK, cwd=self.folder)

    def preview(self) -> Ran:
        return self.estate.preview(stack=STACK, cwd=self.folder)

    def release(self) -> Ran:
        """A release of what the folder holds, in a stack that wants it tested."""
        return self.estate.up("-c", "version=v1.0.0", stack=PROD, cwd=self.folder)

    def service(self) -> dict[str, Any]:
        """The stack's output about the service."""
        words = ("stack", "output", "--json", "--stack", STACK)
        text = self.estate.pulumi(*words, cwd=self.folder).ok()
        found: dict[str, Any] = json.loads(text)["services"][WEB]
        return found

    def answer(self, path: str = "/version") -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2) as said:
            document: dict[str, Any] = json.loads(said.read())
        return document

    def running_of_both(self) -> list[Any]:
        """What runs of the two services."""
        return [*self.containers(running=True), *self.containers(OTHER, running=True)]

    def containers(self, service: str = WEB, *, running: bool = False) -> list[Any]:
        """The containers of a service, as the engine lists them."""
        label = {"label": f"slipway.service=slipway/{STACK}/{service}"}
        found: list[Any] = self.engine.containers.list(all=not running, filters=label)
        return found

    def container(self) -> Any:
        """The one that runs; it is the only one there is."""
        (only,) = self.containers()
        assert only.status == "running"
        return only

    def trials(self) -> list[Any]:
        found: list[Any] = self.engine.containers.list(all=True, filters={"label": "slipway.trial"})
        return found

    def digest(self) -> str:
        """The digest of what runs."""
        return self.digest_of(self.container())

    def digest_of(self, container: Any) -> str:
        """What a container runs, by the engine's own words."""
        # An engine knows an image by its content: other registries may have had it too.
        ours = f"127.0.0.1:{self.estate.registry_port}/containers/book-shop@"
        names = container.image.attrs["RepoDigests"]
        (digest,) = [str(name) for name in names if name.startswith(ours)]
        return digest.removeprefix(ours)


@pytest.fixture(scope="module")
def shop(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A monorepo of one service, on an engine that is logged in."""
    folder = tmp_path_factory.mktemp("docker-target") / "monorepo"
    top = estate.checkout(folder, ("book-shop",))
    port = free_port()
    estate.write_stack(
        top,
        STACK,
        registry={"kind": "ecr", "repository": "containers/{image}", "create": True},
        bundles={"bucket": "slipway-containers-deploys"},
        host=None,
        services={
            WEB: {
                "target": "docker",
                "image": "book-shop",
                "port": 8000,
                "publish": port,
                "health": "/healthz",
                "grace": 0,
                "timeout": 60,
                "volumes": ["data:/data"],
            }
        },
    )
    estate.write_stack(
        top,
        PROD,
        release={
            "images": "promote",
            "names": ["{version}"],
            "source": "tested",
            "origin": {"stack": STACK},
        },
        registry={"kind": "ecr", "repository": "containers/{image}", "create": False},
        bundles={"bucket": "slipway-containers-deploys", "create": False},
        host=None,
        services=None,
    )
    log_in(estate, tmp_path_factory.mktemp("docker"))
    made = Shop(estate=estate, folder=top / "deploy", port=port, engine=docker.from_env())
    yield made
    for each in (*made.containers(), *made.containers(OTHER), *made.trials()):
        each.remove(force=True, v=True)


@pytest.fixture
def edited(shop: Shop) -> Iterator[Edit]:
    """Changes the source of the service; after the test it is as it was."""
    with edits_of(shop.folder.parent / APP) as edit:
        yield edit


@contextmanager
def polled(shop: Shop) -> Iterator[list[str]]:
    """Asks the service every 50 ms meanwhile; gives what failed."""
    failures: list[str] = []
    asked = [0]
    stop = threading.Event()

    def poll() -> None:
        while not stop.wait(0.05):
            asked[0] += 1
            try:
                shop.answer("/healthz")
            except OSError as error:
                failures.append(f"request {asked[0]}: {error}")

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield failures
    finally:
        stop.set()
        thread.join()
    assert asked[0] > 20, "the update was too quick to tell anything"


def test_the_first_deploy_answers_on_its_port(shop: Shop) -> None:
    shop.up().ok()
    found = shop.service()
    assert found["verdict"] == f"running {found['digest']}"
    assert shop.digest() == found["digest"]
    assert found["url"] == f"http://127.0.0.1:{shop.port}"
    assert shop.answer()["version"]


def test_the_same_again_does_nothing(shop: Shop) -> None:
    before, counted = shop.container().id, shop.estate.counters()
    assert "unchanged" in shop.up().ok()
    after = shop.estate.counters()
    assert {name: after[name] - counted[name] for name in ACTIONS} == dict.fromkeys(ACTIONS, 0)
    assert shop.container().id == before


def test_an_unhealthy_version_leaves_the_container_that_runs_untouched(
    shop: Shop, edited: Any
) -> None:
    before, digest = shop.container(), shop.service()["digest"]
    edited("HEALTHY = True", "HEALTHY = False")
    with polled(shop) as failures:
        text = shop.up().refused()
    assert failures == []
    assert f"still runs {digest} ({before.name})" in text
    assert "is unhealthy" in text
    assert "the shelves are empty" in text, "the last lines of its log"
    (running,) = shop.containers(running=True)
    assert running.id == before.id
    assert shop.trials() == []
    with polled(shop) as failures:
        assert "still runs" in shop.up().refused(), "the next one tries again"
    assert failures == []
    refused = shop.release().refused()
    assert "This commit's content of book-shop was built and not tested" in refused
    assert re.search(rf"the update of '{STACK}' that had it, \S+, failed", refused)
    assert "Nothing was done" in refused


def test_the_fix_is_deployed_after_that_and_then_there_is_nothing_to_do(
    shop: Shop, edited: Any
) -> None:
    before = shop.service()["digest"]
    edited("HEALTHY = True", "HEALTHY = True  # mended")
    shop.up().ok()
    assert shop.digest() == shop.service()["digest"] != before
    assert "becomes v1.0.0" in shop.release().ok(), "what runs there may be released"
    counted, container = shop.estate.counters(), shop.container().id
    assert "unchanged" in shop.up().ok()
    after = shop.estate.counters()
    assert {name: after[name] - counted[name] for name in ACTIONS} == dict.fromkeys(ACTIONS, 0)
    assert shop.container().id == container


def test_a_version_that_is_well_alone_but_not_in_its_place_is_put_back(
    shop: Shop, edited: Any
) -> None:
    """It does not stand what the live volume holds, which its trial has not seen."""
    shop.up().ok()
    before, digest = shop.container(), shop.service()["digest"]
    before.exec_run(["sh", "-c", "echo 1 > /data/poison"], user="root")
    edited("HEALTHY = True", 'import os.path\nHEALTHY = not os.path.exists("/data/poison")\n')
    text = shop.up().refused()
    assert f"put back to {digest} ({before.name})" in text
    (running,) = shop.containers(running=True)
    assert running.id == before.id
    assert shop.answer()["version"]


def test_the_history_tells_of_the_failure(shop: Shop) -> None:
    command = (".venv/bin/python", "-m", "cli.app", "history", STACK)
    text = shop.estate.run(*command, cwd=shop.folder).ok()
    assert "failed" in text
    assert WEB in text


def test_a_rollback_runs_the_older_digest_again(shop: Shop, edited: Any) -> None:
    shop.up().ok()
    before = shop.service()["digest"]
    edited("HEALTHY = True", "HEALTHY = True  # newer")
    shop.up().ok()
    assert shop.digest() != before
    command = (".venv/bin/python", "-m", "cli.app")
    built = shop.estate.counters()["builds"]
    shop.estate.run(*command, "rollback", STACK, "--yes", cwd=shop.folder).ok()
    try:
        assert shop.digest() == shop.service()["digest"] == before
        assert shop.estate.counters()["builds"] == built
    finally:
        shop.estate.run(*command, "resume", STACK, cwd=shop.folder).ok()


def stopped(shop: Shop) -> str:
    shop.container().stop(timeout=1)
    return "is exited"


def deleted(shop: Shop) -> str:
    shop.container().remove(force=True)
    return "is gone"


def replaced(shop: Shop) -> str:
    """Another image under the container's own name, on its port."""
    container = shop.container()
    name, ours = container.name, container.image.id
    (other, *_) = [i for i in shop.engine.images.list() if i.id != ours and i.attrs["RepoDigests"]]
    container.remove(force=True)
    shop.engine.containers.run(
        other.id,
        ["sleep", "600"],
        entrypoint=[],
        name=name,
        detach=True,
        ports={"8000/tcp": ("127.0.0.1", shop.port)},
    )
    return f"{name} was replaced: it runs {other.attrs['RepoDigests'][0].rpartition('@')[2]}"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(stopped, marks=pytest.mark.long),
        deleted,
        pytest.param(replaced, marks=pytest.mark.long),
    ],
)
def test_what_was_changed_by_hand_is_a_diff_in_a_plain_preview_and_mended(
    shop: Shop, change: Any
) -> None:
    shop.up().ok()
    digest, name = shop.digest(), shop.container().name
    said = change(shop)
    try:
        before = [each.id for each in shop.engine.containers.list(all=True)]
        assert said in shop.preview().ok()
        assert [each.id for each in shop.engine.containers.list(all=True)] == before
        shop.up().ok()
        assert shop.digest() == digest
        assert shop.answer()["version"]
        assert "unchanged" in shop.up().ok()
    finally:
        if change is replaced:
            shop.engine.containers.get(name).remove(force=True)


@contextmanager
def configured(shop: Shop, **changed: Any) -> Iterator[None]:
    """The stack file with other settings of the service, or of the engine (`docker`), another
    service (its name) or another policy (`rollout`)."""
    file = shop.folder / f"Pulumi.{STACK}.yaml"
    text = file.read_text()
    document = yaml.safe_load(text)
    config = document["config"]
    config["slipway:docker"] = changed.pop("docker", {})
    config["slipway:rollout"] = changed.pop("rollout", {})
    if OTHER in changed:
        config["slipway:services"][OTHER] = changed.pop(OTHER)
    config["slipway:services"][WEB] |= changed
    file.write_text(yaml.safe_dump(document))
    try:
        yield
    finally:
        file.write_text(text)


@pytest.mark.fault(
    28, "the port is somebody else's", after=["test_the_first_deploy_answers_on_its_port"]
)
def test_a_port_that_somebody_else_has_is_refused_and_nothing_changed(shop: Shop) -> None:
    before = shop.container().id
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with configured(shop, publish=taken), polled(shop) as failures:
            text = shop.up().refused()
    assert f"127.0.0.1:{taken} is taken by another program" in text
    assert failures == []
    (running,) = shop.containers(running=True)
    assert running.id == before


@pytest.mark.long
def test_another_port_is_a_change_like_any_other(shop: Shop) -> None:
    another = free_port()
    with configured(shop, publish=another):
        shop.up().ok()
        assert shop.service()["url"] == f"http://127.0.0.1:{another}"
        with urllib.request.urlopen(f"http://127.0.0.1:{another}/healthz", timeout=2) as said:
            assert said.status == 200
    shop.up().ok()
    assert shop.answer()["version"]
    shop.container()


@pytest.mark.fault(
    26, "a Docker engine that is gone", after=["test_the_first_deploy_answers_on_its_port"]
)
def test_an_engine_that_does_not_answer_is_an_error_and_nothing_is_dropped(shop: Shop) -> None:
    shop.up().ok()
    before = shop.container().id
    began = time.monotonic()
    with configured(shop, docker={"host": f"tcp://127.0.0.1:{free_port()}"}):
        for run in (shop.preview, shop.up):
            assert "no Docker engine answers at tcp://127.0.0.1" in run().refused()
    assert time.monotonic() - began < 60
    assert shop.container().id == before
    assert "unchanged" in shop.up().ok()


@pytest.mark.long
def test_two_services_that_switch_together_are_both_as_they_were_if_one_fails(
    shop: Shop, edited: Any
) -> None:
    other = {"target": "docker", "image": "book-shop", "port": 8000, "grace": 0}
    good = {**other, "publish": free_port(), "health": "/healthz"}
    with configured(shop, **{OTHER: good, "rollout": {"policy": "together"}}):
        shop.up().ok()
        before = {each.id for each in shop.running_of_both()}
        assert len(before) == 2
    edited("HEALTHY = True", "HEALTHY = True  # together")
    bad = {**good, "health": "/nowhere"}
    with configured(shop, **{OTHER: bad, "rollout": {"policy": "together"}}):
        text = shop.up().refused()
        assert f"{WEB}: had switched; put back to" in text
        assert f"{OTHER}: the rollout of" in text
        assert {each.id for each in shop.running_of_both()} == before
        assert "DockerRollout" in shop.preview().ok(), "the next one sees the truth"
    with configured(shop, **{OTHER: good, "rollout": {"policy": "together"}}):
        shop.up().ok()
        now = shop.running_of_both()
        assert {shop.digest_of(each) for each in now} == {shop.service()["digest"]}
        assert not {each.id for each in now} & before
    shop.up().ok()


def test_destroying_the_stack_leaves_no_container(shop: Shop) -> None:
    words = ("destroy", "--stack", STACK, "--yes", "--skip-preview")
    shop.estate.pulumi(*words, cwd=shop.folder).ok()
    assert shop.containers() == []
