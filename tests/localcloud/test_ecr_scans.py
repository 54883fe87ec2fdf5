"""`slipway scan`'s reader against the local cloud's ECR."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from clients.aws import AwsAccess
from clients.image_scans import ImageScans, ScanError
from release.scan import Flaw
from tests.localcloud.cloud import Cloud
from tests.localcloud.pusher import Pusher

FOUND = "CVE-2024-3094=CRITICAL CVE-2023-4911=HIGH CVE-2021-1=LOW"


def scans(cloud: Cloud, wait: int = 5) -> ImageScans:
    access = AwsAccess(
        region="eu-west-1", endpoints=(("ecr", cloud.url),), access_key="a", secret_key="b"
    )
    return ImageScans(access, wait, sleep=lambda _: None)


def tell(ecr: Any, pusher: Pusher, value: str) -> None:
    arn = ecr.describe_repositories(repositoryNames=[pusher.name])["repositories"][0]
    tag = {"Key": "localcloud:findings", "Value": value}
    ecr.tag_resource(resourceArn=arn["repositoryArn"], tags=[tag])


def test_an_image_of_a_repository_that_does_not_scan_was_not_scanned(
    cloud: Cloud, pusher: Pusher
) -> None:
    digest = pusher.push("one", "v1")
    with pytest.raises(ScanError, match=r"not found.*start-image-scan"):
        scans(cloud, wait=0).flaws(pusher.name, digest)
    cloud.client("ecr").start_image_scan(
        repositoryName=pusher.name, imageId={"imageDigest": digest}
    )
    assert scans(cloud).flaws(pusher.name, digest) == []


def test_findings_are_read_over_pages(cloud: Cloud, pusher: Pusher) -> None:
    ecr = cloud.client("ecr")
    ecr.put_image_scanning_configuration(
        repositoryName=pusher.name, imageScanningConfiguration={"scanOnPush": True}
    )
    digest = pusher.push("one", "v1")
    tell(ecr, pusher, FOUND)
    flaws = scans(cloud).flaws(pusher.name, digest)
    assert Flaw(name="CVE-2024-3094", severity="CRITICAL") in flaws
    assert len(flaws) == 3
    tell(ecr, pusher, "pending")
    with pytest.raises(ScanError, match="IN_PROGRESS"):
        scans(cloud, wait=0).flaws(pusher.name, digest)


def test_an_image_that_is_not_there_is_awss_own_error(cloud: Cloud, pusher: Pusher) -> None:
    wanted = {"imageDigest": "sha256:" + "0" * 64}
    with pytest.raises(ClientError, match="ImageNotFoundException"):
        cloud.client("ecr").describe_image_scan_findings(repositoryName=pusher.name, imageId=wanted)
