"""The cluster that the objects of one configured plugin live in."""

import threading
from typing import Any

from offline.plugin.definition import ConfigurationError
from offline.plugin.wire import State, has_unknown

from .api import Api
from .kubeconfig import access_of
from .settings import Settings, settings


class Cluster:
    """One cluster, as the engine configures it; in a preview its API may be unknown yet."""

    def __init__(self, chosen: Settings, api: Api | None) -> None:
        self.settings = chosen
        self.cancelled = threading.Event()
        self._api = api

    @property
    def is_known(self) -> bool:
        """Whether it can be asked."""
        return self._api is not None

    @property
    def api(self) -> Api:
        """Raises ConfigurationError while the kubeconfig is not known."""
        if self._api is None:
            raise ConfigurationError(
                "kubernetes:kubeconfig: not known yet: it comes of a resource that is still to be "
                "made"
            )
        return self._api

    @property
    def namespace(self) -> str:
        """Of objects that name none; empty while the kubeconfig is not known."""
        context = self._api.access.namespace if self._api else ""
        return self.settings.namespace or context

    def call(self, resource_id: str, props: State, olds: State, timeout: float) -> Any:
        """There are no lookups."""
        raise ConfigurationError("kubernetes: the offline kubernetes plugin has no lookups")

    def cancel(self) -> None:
        """Ends all waiting."""
        self.cancelled.set()


def connect(config: State) -> Cluster:
    """From the settings on the wire; asks nothing yet. Raises ConfigurationError."""
    known = {key: value for key, value in config.items() if not has_unknown(value)}
    chosen = settings(known)
    if has_unknown(config.get("kubeconfig")) or has_unknown(config.get("context")):
        return Cluster(chosen, None)
    return Cluster(chosen, Api(access_of(chosen)))
