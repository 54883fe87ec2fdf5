"""A new version beside the one that runs: the same container, without its place in the world.

It has the asked container's image, environment, limits, rights and check, but publishes nothing,
is never restarted, and has empty volumes of its own: two programs on one volume may break what the
live one keeps there. What a version does to the real data is judged when it has its place.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from clients.docker_container import OWNER, TRIAL, Container
from clients.docker_containers import DockerContainers
from provider.docker_wait import await_healthy
from provider.resource import Call

_SECOND = 1_000_000_000  # nanoseconds
_INTERVAL = 1  # seconds between two checks of a trial


def try_out(call: Call, engine: DockerContainers, asked: Container, seconds: float) -> None:
    """Run a copy of the container until it is healthy; the copy is removed in any case.

    Raises DockerStepError or CancelledError if it does not become healthy within `seconds`.
    """
    for left in engine.trials(asked.owner):
        engine.remove(left)
    call.status(f"tries {asked.name} beside what runs")
    trial = engine.make(trial_of(asked), f"{asked.name}-trial")
    try:
        engine.start(trial)
        await_healthy(call, engine, trial, seconds)
    finally:
        engine.remove(trial)


def trial_of(asked: Container) -> dict[str, Any]:
    """The body of POST /containers/create for the copy."""
    config = copy.deepcopy(dict(asked.document["Config"]))
    host = copy.deepcopy(dict(asked.document["HostConfig"]))
    places = [each.split(":")[1] for each in host.get("Binds") or ()]
    # The name of the host is the id of the asked container.
    config.pop("Hostname", None)
    labels = {name: value for name, value in config["Labels"].items() if name != OWNER}
    config |= {
        "Image": asked.image_id,
        "Labels": {**labels, TRIAL: asked.owner},
        "Volumes": {**(config.get("Volumes") or {}), **{place: {} for place in places}},
    }
    if config.get("Healthcheck"):
        config["Healthcheck"] = _often(config["Healthcheck"])
    host |= {"PortBindings": {}, "Binds": [], "RestartPolicy": {"Name": "no"}}
    return {**config, "HostConfig": host}


def _often(check: Mapping[str, Any]) -> dict[str, Any]:
    """The same patience, in shorter steps: nobody waits for an answer between two checks."""
    interval = check.get("Interval") or 30 * _SECOND
    steps = max(1, interval // (_INTERVAL * _SECOND))
    retries = (check.get("Retries") or 3) * steps
    return {**check, "Interval": min(interval, _INTERVAL * _SECOND), "Retries": retries}
