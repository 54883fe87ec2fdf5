"""ECR's API calls that change images in the real registry."""

from typing import Any

from moto.ecr.models import Repository

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.registry.answers import (
    asked_image,
    asked_repository,
    failure,
    media_type,
    parents,
    whole,
)
from localcloud.registry.catalog import StoredImage, is_immutable, storage_name, taken
from localcloud.registry.parts import Parts


class ImageWrites:
    """Handlers of PutImage, BatchDeleteImage and DeleteRepository."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def put_image(self, request: AwsRequest) -> dict[str, Any]:
        """Names a manifest; its layers must be in this repository's registry already."""
        repository = asked_repository(request)
        manifest = (request.text("imageManifest") or "").encode()
        try:
            image = StoredImage(repository, manifest, media_type(request, manifest))
        except (ValueError, AttributeError) as error:
            raise AwsError("InvalidParameterException", f"not a manifest: {error}") from error
        if request.text("imageDigest") not in (None, image.image_digest):
            message = f"The digest of the manifest is {image.image_digest}."
            raise AwsError("ImageDigestDoesNotMatchException", message)
        tag = request.text("imageTag")
        self._refuse_repeated(repository, image, tag)
        reference = tag or image.image_digest
        kind = image.image_manifest_media_type or ""
        known = self._parts.loop.call(
            self._parts.catalog.put(repository, reference, manifest, kind)
        )
        self._parts.counters.add("registry_writes")
        return {"image": whole(repository, known, tag)}

    def batch_delete_image(self, request: AwsRequest) -> dict[str, Any]:
        """Deletes images by digest, or takes tags off."""
        repository = asked_repository(request)
        gone, failures = [], []
        for entry in request.items("imageIds"):
            image = asked_image(self._parts.catalog, repository, entry)
            tag = None if "imageDigest" in entry else entry.get("imageTag")
            if image is None:
                failures.append(failure(entry, "ImageNotFound", "Requested image not found"))
            elif tag is None and parents(repository, image):
                reason = "Requested image referenced by manifest list: " + str(
                    parents(repository, image)
                )
                failures.append(failure(entry, "ImageReferencedByManifestList", reason))
            else:
                tags = [tag] if tag else list(image.image_tags)
                self._parts.loop.call(self._parts.catalog.remove(repository, image, tag))
                self._parts.counters.add("registry_writes")
                ids = {"imageDigest": image.image_digest}
                gone += [{**ids, "imageTag": each} for each in tags] or [ids]
        return {"imageIds": gone, "failures": failures}

    def delete_repository(self, request: AwsRequest) -> None:
        """Frees the storage of a repository that moto is going to delete."""
        repository = asked_repository(request)
        if request.parameters.get("force") or not repository.images:
            self._parts.daemon.forget(storage_name(repository))

    def _refuse_repeated(self, repository: Repository, image: StoredImage, tag: str | None) -> None:
        holder = self._parts.catalog.find(repository, tag or image.image_digest)
        if holder is None:
            return
        if tag and is_immutable(repository, tag):
            raise AwsError("ImageTagAlreadyExistsException", taken(repository, tag))
        if holder.image_digest == image.image_digest:
            raise AwsError(
                "ImageAlreadyExistsException",
                f"Image with digest '{image.image_digest}' and tag '{tag}' already exists in "
                f"the repository with name '{repository.name}'",
            )
