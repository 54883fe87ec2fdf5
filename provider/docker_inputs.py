"""The inputs of `DockerRollout` and `DockerName`, checked and typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from provider import rollout_inputs
from provider.resource import Properties
from provider.wire import is_known

_HOST = re.compile(r"(unix|tcp|ssh|npipe|http|https)://\S+")


@dataclass(frozen=True, kw_only=True)
class DockerInputs:
    """One rollout as its resource asks for it; every value is known."""

    service: str
    image: str
    digest: str
    release: str | None
    timeout: int
    policy: str
    host: str
    """The engine's address."""
    owner: str
    """project/stack/service: the label of all containers of the service."""
    container: str
    """Id of the container that has to run."""
    drain: int
    """Seconds that a container has to end."""

    @staticmethod
    def of(values: Properties) -> DockerInputs:
        """From checked inputs."""
        names = ("service", "image", "digest", "host", "owner", "container")
        return DockerInputs(
            **{name: str(values[name]) for name in names},
            release=values.get("release"),
            timeout=int(values.get("timeout", 60)),
            policy=str(values.get("policy", "independent")),
            drain=int(values.get("drain", 30)),
        )


def check(values: Properties) -> dict[str, str]:
    """What is wrong with the inputs of a rollout; unknown values are not judged."""
    wrong = rollout_inputs.check(values, ("host", "owner", "container"), "Docker runs")
    check_host(values, wrong)
    drain = values.get("drain", 30)
    if is_known(drain) and not (type(drain) is int and drain >= 0):
        wrong["drain"] = f"{drain!r} is not a time; allowed: whole seconds, 0 or more"
    return wrong


def check_host(values: Properties, wrong: dict[str, str]) -> None:
    """Judge `host`, where nothing is wrong with it yet."""
    host = values.get("host")
    if "host" not in wrong and is_known(host) and not _HOST.fullmatch(str(host)):
        wrong["host"] = (
            f"{host!r} is not the address of a Docker engine; allowed: unix:///var/run/docker.sock,"
            " tcp://host:port, ssh://user@host"
        )
