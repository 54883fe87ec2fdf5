"""The Docker engine that the resources of one configured plugin live in."""

import threading
from pathlib import Path
from typing import Any

import docker
from docker.errors import DockerException
from docker.tls import TLSConfig

from offline.plugin.definition import ConfigurationError
from offline.plugin.wire import State

from .call import Call
from .logins import Logins
from .settings import Settings, settings

DEFAULT = "unix:///var/run/docker.sock"
_SECONDS = 600  # a silent step of a pull may take long


class Engine:
    """One engine, which every call carries."""

    def __init__(self, api: Any, logins: Logins) -> None:
        self._api = api
        self._logins = logins
        self._cancelled = threading.Event()

    def call(self, resource_id: str, props: State, olds: State, timeout: float) -> Call:
        """One operation on one resource, timeout in seconds."""
        return Call(
            resource_id,
            props,
            olds,
            timeout=timeout,
            api=self._api,
            logins=self._logins,
            cancelled=self._cancelled,
        )

    def cancel(self) -> None:
        """Ends all waiting."""
        self._cancelled.set()


def connect(config: State) -> Engine:
    """From the settings on the wire; raises ConfigurationError if no engine answers."""
    chosen = settings(config)
    host = _host(chosen)
    try:
        api = docker.APIClient(
            base_url=host,
            version="auto" if chosen.check else "1.41",
            timeout=_SECONDS,
            tls=_tls(chosen.cert_path),
            use_ssh_client=True,
        )
        if chosen.check:
            api.ping()
    except (DockerException, OSError) as error:
        raise ConfigurationError(
            f"docker:host: no Docker engine answers at {host}: {error}; start it, or set the host "
            "of the docker provider (docker:host, DOCKER_HOST)"
        ) from error
    return Engine(api, Logins(chosen.registries))


def _host(chosen: Settings) -> str:
    if not chosen.context:
        return chosen.host or DEFAULT
    found = docker.ContextAPI.get_context(chosen.context)
    if found is None:
        raise ConfigurationError(
            f"docker:context: there is no context '{chosen.context}'; `docker context ls` lists "
            "those that there are"
        )
    return str(found.Host)


def _tls(folder: str | None) -> TLSConfig | bool:
    if not folder:
        return False
    path = Path(folder).expanduser()
    return TLSConfig(
        client_cert=(str(path / "cert.pem"), str(path / "key.pem")),
        ca_cert=str(path / "ca.pem"),
        verify=True,
    )
