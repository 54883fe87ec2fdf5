"""The resource types of the plugin, with all that they need."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import Any

from provider.bundle import BundleResource
from provider.cleanup import CleanupResource
from provider.configured import Configuration, Configured
from provider.docker_name import DockerNameResource
from provider.docker_rollout import DockerRolloutResource
from provider.ecs_rollout import EcsRolloutResource
from provider.github_release import GitHubReleaseResource
from provider.host_rollout import HostRolloutResource
from provider.image import ImageResource
from provider.kubernetes_rollout import KubernetesRolloutResource
from provider.lambda_rollout import LambdaRolloutResource
from provider.policy import Switched
from provider.record import RecordResource
from provider.resource import Resource
from provider.together import TogetherResource


def resources_of(values: Mapping[str, Any], folder: Path) -> Mapping[str, Resource]:
    """The types by their tokens, which share clients; nothing is asked of anybody yet.

    `values` are the provider's own inputs, `folder` is the Pulumi program's.
    """
    configured, switched = Configured(Configuration.of(values), folder), Switched()
    Thread(target=configured.load_sdk, daemon=True).start()
    return {
        "rollout:index:Bundle": BundleResource(configured),
        "rollout:index:Cleanup": CleanupResource(),
        "rollout:index:DockerName": DockerNameResource(),
        "rollout:index:DockerRollout": DockerRolloutResource(configured, switched),
        "rollout:index:EcsRollout": EcsRolloutResource(configured, switched),
        "rollout:index:GitHubRelease": GitHubReleaseResource(),
        "rollout:index:HostRollout": HostRolloutResource(configured, switched),
        "rollout:index:Image": ImageResource(configured),
        "rollout:index:KubernetesRollout": KubernetesRolloutResource(configured, switched),
        "rollout:index:LambdaRollout": LambdaRolloutResource(configured, switched),
        "rollout:index:Record": RecordResource(configured),
        "rollout:index:Together": TogetherResource(configured, switched),
    }
