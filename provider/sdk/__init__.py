"""The resources of the plugin `rollout` as a Pulumi program writes them."""

from provider.sdk.base import Provider, ProviderArgs
from provider.sdk.cleanup import Cleanup, CleanupArgs
from provider.sdk.github_release import GitHubRelease, GitHubReleaseArgs
from provider.sdk.host_rollout import HostRollout, HostRolloutArgs
from provider.sdk.image import Image, ImageArgs
from provider.sdk.record import Record, RecordArgs

__all__ = [
    "Cleanup",
    "CleanupArgs",
    "GitHubRelease",
    "GitHubReleaseArgs",
    "HostRollout",
    "HostRolloutArgs",
    "Image",
    "ImageArgs",
    "Provider",
    "ProviderArgs",
    "Record",
    "RecordArgs",
]
