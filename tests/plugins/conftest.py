"""What the tests of the docker plugin stand on: a real Docker engine."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from docker.errors import DockerException, NotFound

from tests import offline_docker_engine
from tests.offline_aws_engine import Engine


@pytest.fixture(scope="session")
def docker_api() -> Iterator[Any]:
    """A client of the Docker engine at hand."""
    try:
        found = offline_docker_engine.client()
    except DockerException as error:
        pytest.fail(f"no Docker engine answers; run these tests by `make localcloud`: {error}")
    yield found
    found.close()


@pytest.fixture(scope="session")
def base_image(docker_api: Any) -> Iterator[str]:
    """The id of an image with a shell."""
    image = offline_docker_engine.import_base(docker_api)
    yield image
    docker_api.remove_image(image, force=True)


@pytest.fixture
def docker_asking(docker_api: Any) -> Iterator[Engine]:
    """An engine with a configured docker plugin."""
    with offline_docker_engine.engine() as asking:
        yield asking


@pytest.fixture
def container_name(docker_api: Any) -> Iterator[str]:
    """The name of a container that goes at the test's end, whatever happens."""
    name = f"slipway-test-{uuid.uuid4().hex[:8]}"
    yield name
    with suppress(NotFound):
        docker_api.remove_container(name, v=True, force=True)
