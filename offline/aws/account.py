"""The AWS account that the resources of one configured plugin live in."""

from offline.plugin.wire import State

from .call import Call
from .cloud import Cloud, settings


class Account:
    """One configuration, which every call carries."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def call(self, resource_id: str, props: State, olds: State, timeout: float) -> Call:
        """One operation on one resource, timeout in seconds."""
        return Call(resource_id, props, olds, timeout=timeout, cloud=self._cloud)

    def cancel(self) -> None:
        """Ends all waiting."""
        self._cloud.cancelled.set()


def connect(config: State) -> Account:
    """From the settings on the wire; raises ConfigurationError, also for a wrong account."""
    cloud = Cloud(settings(config))
    cloud.check_account()
    return Account(cloud)
