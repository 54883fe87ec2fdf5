"""What ECR's scanner found in an image: waited for, and read page by page.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from clients import ClientError
from clients.aws import AwsAccess, AwsError, client, translated
from clients.registry import Registry
from clients.registry_manifests import contents
from release.record_text import plain
from release.scan import Flaw

_DONE = (
    "COMPLETE",
    "ACTIVE",
)  # ACTIVE: enhanced scanning goes on for as long as the image is there
_RUNNING = ("IN_PROGRESS", "PENDING")
_PAUSE = 3.0  # seconds between two looks
_HOW = (
    "turn `scan on push` on for the repository (slipway does where it makes it), and start one "
    "now: aws ecr start-image-scan --repository-name {name} --image-id imageDigest={digest}"
)


class ScanError(ClientError):
    """An image was not scanned, so nobody knows what is in it."""


def manifests_of(registry: Registry, digest: str) -> list[str]:
    """The digests that are scanned: of an index its images, without their attestations."""
    manifest = registry.get(digest)
    parts = contents(manifest, f"{registry.repository}@{digest}")
    return [each.digest for each in parts.children if not each.is_attestation] or [digest]


class ImageScans:
    """ECR's findings in one account."""

    def __init__(
        self,
        access: AwsAccess,
        wait: int,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`wait`: seconds after which a scan that has not ended is an error."""
        self._access, self._wait = access, wait
        self._sleep, self._clock = sleep, clock

    def flaws(self, repository: str, digest: str, account: str | None = None) -> list[Flaw]:
        """All findings of one manifest, when its scan has ended.

        `repository` is its path in the registry of `account`. Raises ScanError if it does not end
        in time or can't be scanned, AwsError for what AWS refuses.
        """
        given = {"repositoryName": repository, "imageId": {"imageDigest": digest}}
        if account:
            given["registryId"] = account
        answer = self._ended(given, f"{repository}@{digest[:19]}", digest)
        found = _flaws(answer)
        while token := answer.get("nextToken"):
            answer = self._ask({**given, "nextToken": token})
            found += _flaws(answer)
        return found

    def _ended(self, given: Mapping[str, Any], name: str, digest: str) -> dict[str, Any]:
        end, state = self._clock() + self._wait, ""
        how = _HOW.format(name=given["repositoryName"], digest=digest)
        while True:
            try:
                answer = self._ask(given)
                status = answer.get("imageScanStatus") or {}
                state = plain(str(status.get("status", "unknown")), 40)
                if state in _DONE:
                    return answer
                if state not in _RUNNING:
                    said = json.dumps(plain(str(status.get("description", ""))))
                    raise ScanError(f"{name}: ECR's scan ended as {state} ({said}); {how}")
            except AwsError as error:
                # Right after a push ECR knows of no scan yet.
                if error.code != "ScanNotFoundException":
                    raise
                state = "not found"
            if self._clock() >= end:
                raise ScanError(
                    f"{name}: no scan has ended within {self._wait} s (it is {state}); wait longer "
                    f"(slipway:scan: {{wait: …}}), or {how}"
                )
            self._sleep(_PAUSE)

    def _ask(self, given: Mapping[str, Any]) -> dict[str, Any]:
        with translated(f"asking ECR what it found in {given['repositoryName']}"):
            ecr = client(self._access, "ecr")
            answer: dict[str, Any] = ecr.describe_image_scan_findings(maxResults=1000, **given)
            return answer


def _flaws(answer: Mapping[str, Any]) -> list[Flaw]:
    found = answer.get("imageScanFindings") or {}
    basic = [
        Flaw(name=plain(str(each.get("name")), 100), severity=plain(str(each.get("severity")), 20))
        for each in found.get("findings") or ()
    ]
    enhanced = [
        Flaw(
            name=plain(
                str(
                    (each.get("packageVulnerabilityDetails") or {}).get("vulnerabilityId")
                    or each.get("title")
                ),
                100,
            ),
            severity=plain(str(each.get("severity")), 20),
        )
        for each in found.get("enhancedFindings") or ()
    ]
    return basic + enhanced
