"""The parts of ECR's answers about images."""

import json
from collections.abc import Iterable
from typing import Any

from moto.ecr.models import ECRBackend, Repository, ecr_backends

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.registry.catalog import Catalog, StoredImage
from localcloud.registry.gate import denied
from localcloud.resource_policy import allows


def asked_repository(request: AwsRequest) -> Repository:
    """The repository that a call names, also another account's, if its policy allows that.

    Raises moto's RepositoryNotFoundException, or AwsError for what is not allowed.
    """
    owner = request.text("registryId") or request.account
    backend: ECRBackend = ecr_backends[owner][request.region]
    found = backend._get_repository(request.text("repositoryName") or "", owner)
    action = f"ecr:{request.action}"
    if owner != request.account and not allows(found.policy, request.account, action):
        message = denied(request.account, action, found.arn)
        raise AwsError("AccessDeniedException", message)
    return found


def media_type(request: AwsRequest, manifest: bytes) -> str:
    """The manifest's media type: the call's, else the one that it names itself."""
    given = request.text("imageManifestMediaType") or json.loads(manifest).get("mediaType")
    if not given:
        raise AwsError("InvalidParameterException", "image manifest media type not provided")
    return str(given)


def stored(repository: Repository) -> list[StoredImage]:
    """The images that the registry holds."""
    return [image for image in repository.images if isinstance(image, StoredImage)]


def unique(images: Iterable[StoredImage]) -> list[StoredImage]:
    """Each image once, in the given order."""
    return list({image.image_digest: image for image in images}.values())


def parents(repository: Repository, image: StoredImage) -> list[str]:
    """Digests of the indexes that name this image."""
    return [i.image_digest for i in stored(repository) if image.image_digest in i.children]


def detail(repository: Repository, image: StoredImage) -> dict[str, Any]:
    """An entry of DescribeImages."""
    entry: dict[str, Any] = {
        "registryId": repository.registry_id,
        "repositoryName": repository.name,
        "imageDigest": image.image_digest,
        "imageSizeInBytes": image.get_image_size_in_bytes(),
        "imagePushedAt": image.image_pushed_at,
        "imageManifestMediaType": image.image_manifest_media_type,
        "artifactMediaType": image.content.get("config", {}).get("mediaType"),
    }
    if image.image_tags:
        entry["imageTags"] = list(image.image_tags)
    return {key: value for key, value in entry.items() if value is not None}


def whole(repository: Repository, image: StoredImage, tag: str | None) -> dict[str, Any]:
    """An image with its manifest, as BatchGetImage and PutImage give it."""
    names = {"imageDigest": image.image_digest} | ({"imageTag": tag} if tag else {})
    return {
        "registryId": repository.registry_id,
        "repositoryName": repository.name,
        "imageId": names,
        "imageManifest": image.image_manifest,
        "imageManifestMediaType": image.image_manifest_media_type,
    }


def failure(entry: dict[str, str], code: str, reason: str) -> dict[str, Any]:
    """An entry of a batch call's failures."""
    return {"imageId": entry, "failureCode": code, "failureReason": reason}


def missing_image(repository: Repository, entry: dict[str, str]) -> str:
    """ECR's sentence for an image that isn't there."""
    digest, tag = entry.get("imageDigest", "null"), entry.get("imageTag", "null")
    return (
        f"The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist "
        f"within the repository with name '{repository.name}' in the registry with id "
        f"'{repository.registry_id}'"
    )


def asked_image(
    catalog: Catalog, repository: Repository, entry: dict[str, str]
) -> StoredImage | None:
    """The image that an imageId names by digest, tag or both."""
    reference = entry.get("imageDigest") or entry.get("imageTag") or ""
    image = catalog.find(repository, reference)
    tag = entry.get("imageTag")
    return image if image is not None and (not tag or tag in image.image_tags) else None
