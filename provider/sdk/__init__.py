"""The resources of the plugin `rollout` as a Pulumi program writes them."""

from provider.sdk.base import Provider, ProviderArgs
from provider.sdk.bundle import Bundle, BundleArgs
from provider.sdk.cleanup import Cleanup, CleanupArgs
from provider.sdk.docker_name import DockerName, DockerNameArgs
from provider.sdk.docker_rollout import DockerRollout, DockerRolloutArgs
from provider.sdk.ecs_rollout import EcsRollout, EcsRolloutArgs
from provider.sdk.github_release import GitHubRelease, GitHubReleaseArgs
from provider.sdk.host_rollout import HostRollout, HostRolloutArgs
from provider.sdk.image import Image, ImageArgs
from provider.sdk.kubernetes_rollout import KubernetesRollout, KubernetesRolloutArgs
from provider.sdk.lambda_rollout import LambdaRollout, LambdaRolloutArgs
from provider.sdk.record import Record, RecordArgs
from provider.sdk.together import Together, TogetherArgs

__all__ = [
    "Bundle",
    "BundleArgs",
    "Cleanup",
    "CleanupArgs",
    "DockerName",
    "DockerNameArgs",
    "DockerRollout",
    "DockerRolloutArgs",
    "EcsRollout",
    "EcsRolloutArgs",
    "GitHubRelease",
    "GitHubReleaseArgs",
    "HostRollout",
    "HostRolloutArgs",
    "Image",
    "ImageArgs",
    "KubernetesRollout",
    "KubernetesRolloutArgs",
    "LambdaRollout",
    "LambdaRolloutArgs",
    "Provider",
    "ProviderArgs",
    "Record",
    "RecordArgs",
    "Together",
    "TogetherArgs",
]
