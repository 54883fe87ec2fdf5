"""ECR's API calls that speak of images: answered from what the registry really holds."""

from typing import Any

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.gateway import Handler
from localcloud.registry.answers import (
    asked_image,
    asked_repository,
    detail,
    failure,
    missing_image,
    stored,
    unique,
    whole,
)
from localcloud.registry.catalog import storage_name
from localcloud.registry.lifecycle_api import LifecycleApi
from localcloud.registry.parts import Parts
from localcloud.registry.scans import ScanApi
from localcloud.registry.writes import ImageWrites


class EcrApi:
    """The handlers for the gateway."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """(service, action) to function."""
        writes = ImageWrites(self._parts)
        table: dict[str, Handler] = {
            "GetAuthorizationToken": self.get_authorization_token,
            "GetAccountSetting": self.get_account_setting,
            "PutAccountSetting": self.put_account_setting,
            "DescribeImages": self.describe_images,
            "ListImages": self.list_images,
            "BatchGetImage": self.batch_get_image,
            "PutImage": writes.put_image,
            "BatchDeleteImage": writes.batch_delete_image,
            "BatchCheckLayerAvailability": self.batch_check_layer_availability,
            "DeleteRepository": writes.delete_repository,
            **LifecycleApi().handlers(),
            **ScanApi(self._parts).handlers(),
        }
        return {("ecr", action): handler for action, handler in table.items()}

    def get_authorization_token(self, request: AwsRequest) -> dict[str, Any]:
        """A login for the front, for ECR's twelve hours unless the limits say otherwise.

        It is the caller's own; `registryIds` only asks for the addresses of other registries.
        """
        self._parts.loop.call(self._parts.base.provide(request.account, request.region))
        seconds = self._parts.limits.ecr_token_seconds
        token, login = self._parts.tokens.issue(
            request.account, request.region, seconds, request.access_key
        )
        entries = [
            {
                "authorizationToken": token,
                "expiresAt": login.expires,
                "proxyEndpoint": f"http://{self._parts.hosts.host(account)}",
            }
            for account in request.items("registryIds") or [request.account]
        ]
        return {"authorizationData": entries}

    def get_account_setting(self, request: AwsRequest) -> dict[str, Any]:
        """The value of one setting."""
        name = request.text("name") or ""
        return {
            "name": name,
            "value": self._parts.account.get(request.account, request.region, name),
        }

    def put_account_setting(self, request: AwsRequest) -> dict[str, Any]:
        """Sets one setting."""
        name, value = request.text("name") or "", request.text("value") or ""
        self._parts.account.put(request.account, request.region, name, value)
        return {"name": name, "value": value}

    def describe_images(self, request: AwsRequest) -> dict[str, Any]:
        """Digests, tags, sizes and times of the asked images, or of all."""
        repository = asked_repository(request)
        asked = request.items("imageIds")
        images = [asked_image(self._parts.catalog, repository, entry) for entry in asked]
        if None in images:
            entry = asked[images.index(None)]
            raise AwsError("ImageNotFoundException", missing_image(repository, entry))
        chosen = [i for i in images if i is not None] if asked else stored(repository)
        return {"imageDetails": [detail(repository, image) for image in unique(chosen)]}

    def list_images(self, request: AwsRequest) -> dict[str, Any]:
        """All digests with each of their tags."""
        wanted = (request.parameters.get("filter") or {}).get("tagStatus", "ANY")
        found: list[dict[str, str]] = []
        for image in stored(asked_repository(request)):
            ids = [{"imageDigest": image.image_digest, "imageTag": t} for t in image.image_tags]
            if ids and wanted != "UNTAGGED":
                found += ids
            if not ids and wanted != "TAGGED":
                found.append({"imageDigest": image.image_digest})
        return {"imageIds": found}

    def batch_get_image(self, request: AwsRequest) -> dict[str, Any]:
        """The manifests of the asked images."""
        repository = asked_repository(request)
        images, failures = [], []
        for entry in request.items("imageIds"):
            image = asked_image(self._parts.catalog, repository, entry)
            if image is None:
                failures.append(failure(entry, "ImageNotFound", "Requested image not found"))
            else:
                images.append(whole(repository, image, entry.get("imageTag")))
        return {"images": images, "failures": failures}

    def batch_check_layer_availability(self, request: AwsRequest) -> dict[str, Any]:
        """Which of the asked layers this repository holds."""
        repository = asked_repository(request)
        layers, failures = [], []
        for digest in request.items("layerDigests"):
            has = self._parts.catalog.store.has_blob(storage_name(repository), digest)
            size = self._parts.loop.call(has)
            if size is None:
                code, reason = "MissingLayerDigest", f"Layer digest '{digest}' could not be found"
                entry = {"layerDigest": digest, "failureCode": code, "failureReason": reason}
                failures.append(entry)
            else:
                available = {"layerDigest": digest, "layerAvailability": "AVAILABLE"}
                layers.append({**available, "layerSize": size})
        return {"layers": layers, "failures": failures}
