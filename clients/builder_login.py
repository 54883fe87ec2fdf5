"""A Docker configuration folder that lives as long as one build and holds its registry login."""

from __future__ import annotations

import json
import os
import tempfile
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clients import ClientError
from clients.registry_auth import Keychain


@contextmanager
def docker_environment(hosts: Iterable[str], keychain: Keychain) -> Iterator[Mapping[str, str]]:
    """The environment for a build that reads from and pushes to `hosts`: DOCKER_CONFIG is a folder
    (0700) merged from the user's, with ECR's tokens in it where ECR made them; removed afterwards.

    Raises ClientError when the user's configuration is damaged or ECR refuses the login.
    """
    own = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    config = _read(own / "config.json")
    for host in sorted(set(hosts)):
        found = keychain.credentials(host)
        if found is not None and found.from_ecr:
            pair = b64encode(f"{found.user}:{found.password}".encode()).decode()
            config["auths"] = {**config.get("auths", {}), host: {"auth": pair}}
            # An empty helper: this host's login is in the file, whatever credsStore says.
            config["credHelpers"] = {**config.get("credHelpers", {}), host: ""}
    with tempfile.TemporaryDirectory(prefix="slipway-docker-") as name:  # made with mode 0700
        folder = Path(name)
        file = os.open(folder / "config.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w") as writer:
            json.dump(config, writer)
        for part in ("cli-plugins", "contexts", "certs.d"):
            if (own / part).is_dir():
                (folder / part).symlink_to((own / part).absolute())
        builders = os.environ.get("BUILDX_CONFIG") or str((own / "buildx").absolute())
        yield {**os.environ, "DOCKER_CONFIG": name, "BUILDX_CONFIG": builders}


def _read(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ClientError(f"{path} can't be read: {error}; mend the file or move it away") from None
    if not isinstance(config, dict):
        raise ClientError(f"{path} is not a JSON object; mend the file or move it away")
    return config
