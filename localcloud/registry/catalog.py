"""Which images a repository has under which names: moto's repositories, filled from real pushes."""

import asyncio
import fnmatch
import hashlib
import json
from typing import Any

from moto.ecr.models import Image, Repository, ecr_backends

from localcloud.aws_error import AwsError
from localcloud.registry.store import Store

UNKNOWN_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


class StoredImage(Image):
    """A manifest that the registry holds, with its true digest and size."""

    def __init__(self, repository: Repository, manifest: bytes, media_type: str) -> None:
        digest = "sha256:" + hashlib.sha256(manifest).hexdigest()
        text = manifest.decode()
        super().__init__(
            repository.account_id,
            None,  # type: ignore[arg-type]
            text,
            repository.name,
            media_type,
            digest,
            repository.registry_id,
        )
        self.content: dict[str, Any] = json.loads(text)

    @property
    def children(self) -> list[str]:
        """Digests of the manifests that an index names."""
        return [entry["digest"] for entry in self.content.get("manifests", [])]

    def get_image_size_in_bytes(self) -> int:
        """Compressed bytes of config and layers; of an index, of what it names itself."""
        parts = [self.content.get("config", {}), *self.content.get("layers", [])]
        parts += self.content.get("manifests", [])
        return sum(int(part.get("size", 0)) for part in parts)


class Catalog:
    """The one way in: pushes through the front and PutImage of the API both come here."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._lock = asyncio.Lock()

    def repository(self, account: str, region: str, name: str) -> Repository | None:
        """moto's repository, None if nobody has created it."""
        found: Repository | None = ecr_backends[account][region].repositories.get(name)
        return found

    def names(self, account: str, region: str) -> list[str]:
        """All repository names of an account's region."""
        return sorted(ecr_backends[account][region].repositories)

    def find(self, repository: Repository, reference: str) -> StoredImage | None:
        """The image of a tag or digest."""
        for image in list(repository.images):
            if isinstance(image, StoredImage) and (
                reference == image.image_digest or reference in image.image_tags
            ):
                return image
        return None

    async def put(
        self, repository: Repository, reference: str, manifest: bytes, media_type: str
    ) -> StoredImage:
        """Stores a manifest under a tag or its own digest.

        Raises AwsError ImageTagAlreadyExistsException (also for the same digest, as ECR does),
        InvalidParameterException for what is not a manifest, or what the store refuses.
        """
        async with self._lock:
            try:
                image = StoredImage(repository, manifest, media_type)
            except (ValueError, KeyError, AttributeError) as error:
                raise AwsError("InvalidParameterException", f"not a manifest: {error}") from error
            is_digest = reference.startswith("sha256:")
            if is_digest and reference != image.image_digest:
                raise AwsError("ImageDigestDoesNotMatchException", "The digest does not match.")
            holder = None if is_digest else self.find(repository, reference)
            if holder is not None and is_immutable(repository, reference):
                raise AwsError("ImageTagAlreadyExistsException", taken(repository, reference))
            await self.store.put_manifest(storage_name(repository), image)
            known = self.find(repository, image.image_digest)
            if known is None:
                repository.images.append(image)
                known = image
            if not is_digest:
                if holder is not None and holder is not known:
                    holder.remove_tag(reference)
                known.update_tag(reference)
            return known

    async def remove(self, repository: Repository, image: StoredImage, tag: str | None) -> None:
        """Takes a tag off an image; without a tag, or with its last one, removes the image."""
        async with self._lock:
            if tag is not None:
                image.remove_tag(tag)
            if tag is None or not image.image_tags:
                repository.images.remove(image)
                await self.store.delete_manifest(storage_name(repository), image.image_digest)


def storage_name(repository: Repository) -> str:
    """The repository's name in the store, where regions and accounts must not mix."""
    return f"{repository.account_id}/{repository.region_name}/{repository.name}"


def is_immutable(repository: Repository, tag: str) -> bool:
    """Whether the repository's setting and exclusions forbid to move this tag."""
    filters = repository.image_tag_mutability_exclusion_filters or []
    excluded = any(fnmatch.fnmatchcase(tag, entry["filter"]) for entry in filters)
    return excluded != str(
        getattr(repository.image_tag_mutability, "value", repository.image_tag_mutability)
    ).startswith("IMMUTABLE")


def taken(repository: Repository, tag: str) -> str:
    """ECR's sentence for a tag that must not move."""
    return (
        f"The image tag '{tag}' already exists in the '{repository.name}' repository and "
        "cannot be overwritten because the tag is immutable."
    )
