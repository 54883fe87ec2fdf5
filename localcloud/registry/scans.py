"""ECR's scanner. There is none here: what it "finds" is what a tag of the repository says.

The tag is `localcloud:findings`, its value `CVE-2024-3094=CRITICAL`, several with a space between;
`pending` is a scan that does not end. Without the tag an image has no findings.
"""

from typing import Any

from moto.ecr.models import ECRBackend, Repository, ecr_backends

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.gateway import Handler
from localcloud.registry.answers import asked_image, asked_repository, missing_image
from localcloud.registry.catalog import StoredImage
from localcloud.registry.parts import Parts

FINDINGS = "localcloud:findings"
PAGE = 2
"""Findings a page: small, so that whoever reads one page alone is found out."""


class ScanApi:
    """The handlers for the gateway."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._started: set[tuple[str, str]] = set()

    def handlers(self) -> dict[str, Handler]:
        """Action to function."""
        return {"DescribeImageScanFindings": self.describe, "StartImageScan": self.start}

    def describe(self, request: AwsRequest) -> dict[str, Any]:
        """The findings of one image, in pages."""
        repository, image = self._asked(request)
        if not self._is_scanned(repository, image):
            raise AwsError(
                "ScanNotFoundException",
                f"Image scan does not exist for the image with '{image.image_digest}' in the "
                f"repository with name '{repository.name}'",
            )
        base = {**_names(repository, image)}
        if image.children:
            return {**base, "imageScanStatus": _status("UNSUPPORTED_IMAGE")}
        said = _told(repository)
        if said == "pending":
            return {**base, "imageScanStatus": _status("IN_PROGRESS")}
        found = [each.partition("=") for each in said.split()]
        start = int(request.text("nextToken") or 0)
        findings = [{"name": name, "severity": level} for name, _, level in found]
        answer = {
            **base,
            "imageScanStatus": _status("COMPLETE"),
            "imageScanFindings": {"findings": findings[start : start + PAGE]},
        }
        more = {"nextToken": str(start + PAGE)} if start + PAGE < len(findings) else {}
        return {**answer, **more}

    def start(self, request: AwsRequest) -> dict[str, Any]:
        """Scans an image whose repository does not do so on push."""
        repository, image = self._asked(request)
        self._started.add((repository.arn, image.image_digest))
        return {**_names(repository, image), "imageScanStatus": _status("IN_PROGRESS")}

    def _asked(self, request: AwsRequest) -> tuple[Repository, StoredImage]:
        repository = asked_repository(request)
        wanted = request.parameters.get("imageId") or {}
        image = asked_image(self._parts.catalog, repository, wanted)
        if image is None:
            raise AwsError("ImageNotFoundException", missing_image(repository, wanted))
        return repository, image

    def _is_scanned(self, repository: Repository, image: StoredImage) -> bool:
        wish = repository.image_scanning_configuration
        on_push = isinstance(wish, dict) and wish.get("scanOnPush", False)
        return on_push or (repository.arn, image.image_digest) in self._started


def _told(repository: Repository) -> str:
    backend: ECRBackend = ecr_backends[repository.account_id][repository.region_name]
    tags = backend.tagger.get_tag_dict_for_resource(repository.arn)
    return str(tags.get(FINDINGS, ""))


def _names(repository: Repository, image: StoredImage) -> dict[str, Any]:
    return {
        "registryId": repository.registry_id,
        "repositoryName": repository.name,
        "imageId": {"imageDigest": image.image_digest},
    }


def _status(status: str) -> dict[str, str]:
    return {"status": status, "description": "said by the local cloud"}
