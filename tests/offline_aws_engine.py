"""The offline aws plugin on a moto server, asked as Pulumi's engine asks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import requests
from moto.server import ThreadedMotoServer

from offline.aws.catalogue import PLUGIN
from tests.offline_engine import Engine, Made, State, serving, urn

__all__ = ["Engine", "Made", "State", "configuration", "engine", "moto_server", "urn"]

SERVICES = (
    *("ec2", "ecr", "ecs", "elbv2", "events", "iam", "lambda", "logs", "s3", "secretsmanager"),
    *("ssm", "sts"),
)


@contextmanager
def moto_server() -> Iterator[str]:
    """A moto server on a free loopback port; gives its URL."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    url = f"http://127.0.0.1:{port}"
    # moto's servers of one process share their content.
    requests.post(f"{url}/moto-api/reset", timeout=10)
    try:
        yield url
    finally:
        server.stop()


def configuration(url: str, **more: Any) -> State:
    """Provider settings as they arrive: everything but texts is JSON text."""
    base = {
        "region": "eu-west-1",
        "accessKey": "local",
        "secretKey": "local",
        "endpoints": json.dumps([dict.fromkeys(SERVICES, url)]),
        "s3UsePathStyle": "true",
        "skipMetadataApiCheck": "true",
    }
    return {**base, **more}


def engine(config: Mapping[str, Any] | None = None) -> AbstractContextManager[Engine]:
    """An engine that talks to the plugin over a real channel; configured if `config` is given."""
    return serving(PLUGIN, config)
