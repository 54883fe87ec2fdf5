"""The network of a cloud goes with it."""

from collections.abc import Iterator
from contextlib import suppress
from threading import Thread
from typing import Any
from uuid import uuid4

import docker.errors
import pytest

from localcloud.ec2 import network as network_module
from localcloud.ec2.engine import Engine
from localcloud.ec2.network import LABEL
from localcloud.problem import CloudError
from tests.offline_docker_engine import client, import_base


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine of a cloud that has a network and no machine."""
    made = Engine(f"test{uuid4().hex[:6]}")
    made.network.make()
    yield made
    made.remove_all()


@pytest.fixture
def api() -> Any:
    return client()


def start(api: Any, engine: Engine, name: str) -> None:
    """A container on the engine's network, which no label tells to be of a cloud."""
    image = import_base(api)
    host = api.create_host_config(network_mode=engine.network.name)
    api.create_container(image, command=["sleep", "600"], name=name, host_config=host)
    api.start(name)


def test_a_container_that_comes_after_all_others_went_goes_with_the_network(
    engine: Engine, api: Any
) -> None:
    late = f"{engine.network.name}-late"
    start(api, engine, late)
    engine.remove_all()
    assert not api.networks(names=[engine.network.name])
    assert not api.containers(all=True, filters={"name": late})


def test_a_machine_that_is_being_removed_already_is_waited_for(engine: Engine, api: Any) -> None:
    """By a server that was killed as it had asked for that."""

    def begin_removal(name: str) -> None:
        with suppress(docker.errors.APIError):
            client().remove_container(name, force=True)

    removals: list[Thread] = []
    for number in range(8):
        name = f"{engine.network.name}-i-{number}"
        host = api.create_host_config(network_mode=engine.network.name)
        api.create_container(
            import_base(api),
            command=["sleep", "600"],
            name=name,
            host_config=host,
            labels={LABEL: engine.label},
        )
        api.start(name)
        removals.append(Thread(target=begin_removal, args=(name,)))
    for each in removals:
        each.start()
    engine.remove_all()
    for each in removals:
        each.join()
    assert not api.containers(all=True, filters={"label": f"{LABEL}={engine.label}"})


def test_somebody_elses_container_is_named_and_stays(
    engine: Engine, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_module, "SECONDS", 0.5)
    other = f"somebody-{engine.label}"
    start(api, engine, other)
    try:
        with pytest.raises(CloudError, match=f"is still used by {other}; `docker network"):
            engine.remove_all()
        assert api.inspect_container(other)["State"]["Running"]
    finally:
        api.remove_container(other, force=True)
