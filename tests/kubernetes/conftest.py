"""A local cloud with a Kubernetes node, for all tests of the session.

$SLIPWAY_KUBERNETES_STATE names the state folder of one that runs already: it is used, and left on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.kubernetes.node import Node
from localcloud.kubernetes.place import NodePlace, default_parts
from localcloud.place import Place
from tests.edits import Edit, edits_of
from tests.kubernetes.app import App, app_of
from tests.kubernetes.shop import APP, Shop
from tests.localcloud.cloud import Cloud, localcloud

RUNNING = os.environ.get("SLIPWAY_KUBERNETES_STATE")


def _cloud_of(state: Path) -> Cloud:
    ends = json.loads((state / "localcloud" / "endpoints.json").read_text())
    return Cloud(state, ends["port"], ends["registry_port"])


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud on free ports; without Docker or images it fails with the cloud's own reason."""
    if RUNNING:
        yield _cloud_of(Path(RUNNING))
        return
    state = tmp_path_factory.mktemp("cloud")
    started = localcloud("up", "--state", str(state), "--port", "0", "--registry-port", "0")
    try:
        assert started.returncode == 0, f"no local cloud: {started.stderr}"
        yield _cloud_of(state)
    finally:
        localcloud("down", "--state", str(state))


@pytest.fixture(scope="session")
def node(cloud: Cloud) -> Iterator[Node]:
    """The cloud's node. A machine can have one: another that runs is an error that says so."""
    made = Node(NodePlace(place=Place.of(cloud.state), parts=default_parts()))
    if RUNNING:
        yield made
        return
    made.up(cloud.registry_port)
    try:
        yield made
    finally:
        made.down()


@pytest.fixture(scope="session")
def app(cloud: Cloud) -> App:
    """Images of one web program, in versions that are healthy and in one that is not."""
    return app_of(cloud)


@pytest.fixture
def edited(shop: Shop) -> Iterator[Edit]:
    """Changes the source of the service; after the test it is as it was."""
    with edits_of(shop.folder.parent / APP) as edit:
        yield edit
