"""Who logs in to a registry: the provider's settings, else Docker's own configuration."""

import json
from collections.abc import Sequence
from pathlib import Path

from docker import auth
from docker.errors import DockerException

from offline.plugin.definition import ConfigurationError

from .settings import RegistryAuth

Login = dict[str, str]


class Logins:
    """Looks a login up at each pull: credential helpers give short-lived ones."""

    def __init__(self, registries: Sequence[RegistryAuth]) -> None:
        self._registries = {each.address: each for each in registries}

    def of(self, image: str) -> Login:
        """The login for an image's registry; empty is none.

        Raises ConfigurationError if a configuration can't be read or a helper fails.
        """
        registry, _ = auth.resolve_repository_name(image.partition("@")[0])
        chosen = self._registries.get(registry, RegistryAuth(address=registry))
        if chosen.disabled:
            return {}
        if chosen.username and chosen.password:
            return {"username": chosen.username, "password": chosen.password}
        try:
            return dict(_configured(chosen).resolve_authconfig(registry) or {})
        except (DockerException, OSError, ValueError) as error:
            raise ConfigurationError(
                f"docker:registryAuth of {registry}: Docker's configuration gives no login: "
                f"{error}; look at its credHelpers, or run `docker login {registry}`"
            ) from error


def _configured(chosen: RegistryAuth) -> auth.AuthConfig:
    if chosen.config_content:
        return auth.load_config(config_dict=json.loads(chosen.config_content))
    if not chosen.config_file:
        return auth.load_config()
    path = Path(chosen.config_file).expanduser()
    if not path.exists():
        raise OSError(f"{path} does not exist")
    return auth.load_config(config_path=str(path))
