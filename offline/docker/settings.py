"""The provider's configuration, as it comes over the wire."""

import json
import os
from dataclasses import dataclass
from typing import Any

from offline.plugin.definition import ConfigurationError
from offline.plugin.wire import State

KNOWN = frozenset({"host", "context", "certPath", "disableDockerDaemonCheck", "registryAuth"})
IGNORED = frozenset({"version", "pluginDownloadURL", "__defaults", "__internal"})
AUTH_FIELDS = frozenset(
    {"address", "authDisabled", "configFile", "configFileContent", "password", "username"}
)


@dataclass(frozen=True, kw_only=True)
class RegistryAuth:
    """Who logs in to one registry."""

    address: str
    """Host, or host:port."""
    disabled: bool = False
    """Nobody: the registry is asked without a login."""
    config_file: str | None = None
    """A Docker configuration file; None is Docker's own place for it."""
    config_content: str | None = None
    """The text of one, instead of a file."""
    username: str | None = None
    """Given together with the password; else the configuration says who."""
    password: str | None = None
    """Never in an output."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Which engine, and how registries are logged in to."""

    host: str | None = None
    """Such as unix:///var/run/docker.sock, tcp:// or ssh://; None is Docker's own default."""
    context: str | None = None
    """The name of a Docker context, which wins over the host."""
    cert_path: str | None = None
    """A folder with ca.pem, cert.pem and key.pem."""
    check: bool = True
    """Whether an engine has to answer before anything begins."""
    registries: tuple[RegistryAuth, ...] = ()
    """Logins by registry."""


def settings(config: State) -> Settings:
    """The settings from the wire, where everything but texts is JSON text.

    Raises ConfigurationError for an unknown key, text that is no JSON, and a login that is none.
    """
    for key in config:
        if key not in KNOWN | IGNORED:
            raise ConfigurationError(
                f"docker:{key}: not known to the offline docker plugin; "
                f"known: {', '.join(sorted(KNOWN))}"
            )
    checked = str(config.get("disableDockerDaemonCheck")).lower() != "true"
    return Settings(
        host=config.get("host") or os.environ.get("DOCKER_HOST"),
        context=config.get("context") or os.environ.get("DOCKER_CONTEXT"),
        cert_path=config.get("certPath") or os.environ.get("DOCKER_CERT_PATH"),
        check=checked,
        registries=tuple(_login(block) for block in _blocks(config.get("registryAuth"))),
    )


def _blocks(value: Any) -> list[State]:
    if isinstance(value, str) and value:
        try:
            value = json.loads(value)
        except ValueError as error:
            raise ConfigurationError(f"docker:registryAuth: not valid JSON: {error}") from error
    if not value:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ConfigurationError(
            'docker:registryAuth: a list of objects is expected, such as [{"address": "HOST:PORT"}]'
        )
    return value


def _login(block: State) -> RegistryAuth:
    for field in block:
        if field not in AUTH_FIELDS:
            raise ConfigurationError(
                f"docker:registryAuth.{field}: not known; known: {', '.join(sorted(AUTH_FIELDS))}"
            )
    address = str(block.get("address") or "")
    if not address:
        raise ConfigurationError("docker:registryAuth.address: missing; give HOST or HOST:PORT")
    if bool(block.get("username")) != bool(block.get("password")):
        raise ConfigurationError(
            f"docker:registryAuth of {address}: username and password belong together; give both, "
            "or neither and log in with `docker login`"
        )
    return RegistryAuth(
        address=address.removeprefix("https://").removeprefix("http://").rstrip("/"),
        disabled=bool(block.get("authDisabled")),
        config_file=block.get("configFile"),
        config_content=block.get("configFileContent"),
        username=block.get("username"),
        password=block.get("password"),
    )
