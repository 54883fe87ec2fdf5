"""The resources of the plugin `rollout` as a Pulumi program writes them."""

from provider.sdk.base import Provider, ProviderArgs
from provider.sdk.host_rollout import HostRollout, HostRolloutArgs
from provider.sdk.image import Image, ImageArgs

__all__ = [
    "HostRollout",
    "HostRolloutArgs",
    "Image",
    "ImageArgs",
    "Provider",
    "ProviderArgs",
]
