"""The network of one cloud's machines and containers."""

import contextlib
import fcntl
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import docker.errors

from localcloud.problem import CloudError

LABEL = "slipway.localcloud"
SECONDS = 30
"""For what the Docker engine still starts or removes for a server that was killed."""
IN_USE = 403


def network_name(label: str) -> str:
    """What a cloud's network is called; the names of all its containers begin so."""
    return f"slipway-{label}"


class Network:
    """A bridge of the cloud's own.

    On the default bridge the machines would fight over its subnet with the bridge that Docker makes
    in each of them.
    """

    def __init__(self, api: Any, label: str) -> None:
        self._api, self._label = api, label
        self.name = network_name(label)

    def make(self) -> None:
        """Makes it. Two engines at once would not see which subnet the other one takes."""
        with (Path(tempfile.gettempdir()) / f"slipway-{os.getuid()}.lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self._api.create_network(self.name, driver="bridge", labels={LABEL: self._label})

    def remove(self) -> None:
        """Removes it, with the containers of this cloud that came after all others were removed.

        Raises CloudError if somebody else's container is on it.
        """
        for network in self._api.networks(filters={"label": f"{LABEL}={self._label}"}):
            end = time.monotonic() + SECONDS
            while not self._removed(network["Id"]):
                names = self._users(network["Id"])
                if time.monotonic() > end:
                    raise CloudError(
                        f"the network {self.name} is still used by {', '.join(names) or 'nobody'}; "
                        f"`docker network disconnect --force {self.name} CONTAINER` for each, "
                        "and the same again"
                    )
                for name in names:
                    self._remove_late(name)
                time.sleep(0.1)

    def _removed(self, network: str) -> bool:
        try:
            self._api.remove_network(network)
        except docker.errors.NotFound:
            return True
        except docker.errors.APIError as error:
            if error.status_code == IN_USE:
                return False
            raise
        return True

    def _users(self, network: str) -> list[str]:
        with contextlib.suppress(docker.errors.NotFound):
            on_it = self._api.inspect_network(network)["Containers"] or {}
            return sorted(str(each["Name"]) for each in on_it.values())
        return []

    def _remove_late(self, name: str) -> None:
        if name.startswith(f"{self.name}-"):
            # Somebody else may remove it at this moment.
            with contextlib.suppress(docker.errors.APIError):
                self._api.remove_container(name, force=True, v=True)
