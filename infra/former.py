"""What a stack was made of before this update, from its own state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

TARGETS = {
    "slipway:index:HostService": "host",
    "slipway:index:EcsService": "ecs",
    "slipway:index:LambdaService": "lambda",
    "slipway:index:DockerService": "docker",
    "slipway:index:MicroK8sApp": "microk8s",
}
_REPOSITORIES = {
    "aws:ecr/repository:Repository": "name",
    "aws:ecrpublic/repository:Repository": "repositoryName",
}


@dataclass(frozen=True, kw_only=True)
class Former:
    """The services, repositories and bucket of the update before."""

    services: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Target and deployed digest (maybe empty) by the name of the service."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Digest by image."""
    repositories: Mapping[str, str] = field(default_factory=dict)
    """Name of the repository by image, of those that the stack made."""
    bucket: str | None = None
    """The bucket, if the stack made it."""
    cluster: str | None = None
    """The Kubernetes cluster that it was on, by what tells clusters apart."""

    @staticmethod
    def of(resources: Mapping[str, Mapping[str, Any]]) -> Former:
        """From the type and outputs of each resource, by URN."""
        services, digests, repositories, bucket, cluster = {}, {}, {}, None, None
        deployed = dict(_rollouts(resources))
        for urn, resource in resources.items():
            kind, outputs = resource["type"], resource.get("outputs") or {}
            name = urn.rpartition("::")[2]
            if kind in TARGETS:
                services[name] = (TARGETS[kind], deployed.get(f"{name}-rollout", ""))
            elif kind == "rollout:index:Image":
                digests[name] = str(outputs.get("digest", ""))
            elif kind in _REPOSITORIES:
                named = str(outputs.get(_REPOSITORIES[kind], ""))
                repositories[name.removesuffix("-repository")] = named
            elif kind == "aws:s3/bucket:Bucket" and name == "bundles-bucket":
                bucket = str(outputs.get("bucket", ""))
            elif kind == "slipway:index:KubernetesCluster":
                cluster = str(outputs.get("cluster_id") or "") or None
        return Former(
            services=services,
            digests=digests,
            repositories=repositories,
            bucket=bucket,
            cluster=cluster,
        )


def former() -> Former:
    """Asks the engine for the state that this update begins with; nothing of AWS is asked."""
    token = "pulumi:pulumi:readStackResourceOutputs"  # noqa: S105 -- a token of Pulumi's protocol
    answer = pulumi.runtime.invoke(token, {"stackName": pulumi.get_stack()})
    return Former.of((answer.value or {}).get("outputs") or {})


def _rollouts(resources: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for urn, resource in resources.items():
        if resource["type"].startswith("rollout:index:") and resource["type"].endswith("Rollout"):
            outputs = resource.get("outputs") or {}
            yield urn.rpartition("::")[2], str(outputs.get("deployed_digest") or "")
