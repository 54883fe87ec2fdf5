"""What a stack was made of before this update, from its own state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import struct_pb2

TARGETS = {
    "slipway:index:HostService": "host",
    "slipway:index:EcsService": "ecs",
    "slipway:index:LambdaService": "lambda",
    "slipway:index:DockerService": "docker",
    "slipway:index:MicroK8sApp": "microk8s",
    "slipway:index:MicroK8sHostApp": "microk8s-ssm",
}
_REPOSITORIES = {
    "aws:ecr/repository:Repository": "name",
    "aws:ecrpublic/repository:Repository": "repositoryName",
}
_READ = (
    "digest",
    "deployed_digest",
    "bucket",
    "cluster_id",
    "moving",
    *_REPOSITORIES.values(),
)


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
    moving: bool = False
    """Whether objects of that cluster are left there when they leave the stack."""

    @staticmethod
    def of(resources: Mapping[str, Mapping[str, Any]]) -> Former:
        """From the type and outputs of each resource, by URN."""
        services, digests, repositories, bucket, cluster = {}, {}, {}, None, None
        moving = False
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
                moving = bool(outputs.get("moving"))
        return Former(
            services=services,
            digests=digests,
            repositories=repositories,
            bucket=bucket,
            cluster=cluster,
            moving=moving,
        )


def former_of(state: struct_pb2.Struct) -> Former:
    """From the engine's answer about the state that an update begins with."""
    return Former.of(_resources(state))


def _resources(answer: struct_pb2.Struct) -> dict[str, dict[str, Any]]:
    """Type and read outputs of each resource, by URN."""
    found = {}
    for urn, each in answer.fields["outputs"].struct_value.fields.items():
        resource = each.struct_value.fields
        outputs = resource["outputs"].struct_value.fields
        known = {name: _plain(outputs[name]) for name in _READ if name in outputs}
        found[urn] = {"type": resource["type"].string_value, "outputs": known}
    return found


def _plain(value: struct_pb2.Value) -> str | bool | None:
    """A text or a flag, maybe marked as secret; nothing else is read."""
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "struct_value" if "value" in value.struct_value.fields:
            return _plain(value.struct_value.fields["value"])
    return None


def _rollouts(resources: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for urn, resource in resources.items():
        if resource["type"].startswith("rollout:index:") and resource["type"].endswith("Rollout"):
            outputs = resource.get("outputs") or {}
            yield urn.rpartition("::")[2], str(outputs.get("deployed_digest") or "")
