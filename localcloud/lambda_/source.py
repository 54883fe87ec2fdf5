"""Which image a function may have, and how it comes to the engine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.ecr.models import Repository, ecr_backends

from localcloud.containers.images import Images, PulledImage, split, stored
from localcloud.lambda_.records import SourceImage
from localcloud.lambda_.refusals import denied, invalid
from localcloud.registry.hosts import address_of
from localcloud.resource_policy import allows

# Lambda Developer Guide, "Create a Lambda function using a container image": Docker image manifest
# V2 schema 2 and OCI images, gzipped layers, no multi-platform ones.
MANIFESTS = {
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
}
PARTS = {
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.docker.image.rootfs.diff.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar",
}
NEEDED = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
ENGINE_NAMES = {"x86_64": "amd64", "arm64": "arm64"}


@dataclass(frozen=True)
class Service:
    """Lambda itself, which may pull at home; other accounts' repositories judge its account."""

    arn: str
    name: str = "lambda"
    kind: str = "service"
    managed_policies: Mapping[str, Any] = field(default_factory=dict)
    policies: Mapping[str, Any] = field(
        default_factory=lambda: {
            "pull": {"Statement": {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}}
        }
    )


def resolve(uri: str, account: str, region: str) -> SourceImage:
    """The image that a function of an account's region gets for an ImageUri; raises AwsError."""
    host, path, wanted = split(uri)
    tagged = "@" in uri or ":" in uri.partition("/")[2]
    owner = next((a for a in map(str, ecr_backends) if home(host) == address_of(a)), None)
    if not (path and tagged and owner):
        raise invalid(f"Source image {uri} is not valid. Provide a valid source image.")
    repository: Repository | None = ecr_backends[owner][region].repositories.get(path)
    if repository is not None and owner != account:
        refuse_foreign(repository, account)
    found = stored(repository, wanted) if repository is not None else None
    if found is None:
        raise invalid(f"Source image {uri} does not exist. Provide a valid source image.")
    if not supported(found.image_manifest, found.image_manifest_media_type or ""):
        raise invalid(
            "The image manifest, config or layer media type for the source image "
            f"{uri} is not supported."
        )
    digest = str(found.image_digest)
    return SourceImage(uri=uri, resolved=f"{host}/{path}@{digest}", digest=digest)


def home(host: str) -> str:
    """The address in a registry's host."""
    return host.rpartition(":")[0].replace("localhost", "127.0.0.1")


def supported(manifest: str, kind: str) -> bool:
    """Whether a manifest is of one image, and all of its parts are of kinds that Lambda knows."""
    content = json.loads(manifest)
    parts = [content.get("config") or {}, *(content.get("layers") or [])]
    return kind in MANIFESTS and all(each.get("mediaType") in PARTS for each in parts)


def refuse_foreign(repository: Repository, account: str) -> None:
    """Raises AwsError if another account's repository does not let this one read."""
    if not all(allows(repository.policy, account, action) for action in NEEDED):
        raise denied(
            "Lambda does not have permission to access the ECR image. Check the ECR permissions."
        )


def pull(images: Images, code: SourceImage, account: str, region: str, arch: str) -> PulledImage:
    """Makes the engine have a pinned image; raises PullError."""
    service = Service(f"arn:aws:iam::{account}:role/aws-service-role/lambda")
    return images.pull(code.resolved, region, service, "lambda", ENGINE_NAMES[arch])
