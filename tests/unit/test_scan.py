"""The gate by ECR's findings: what is refused, what is waited for, what is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from clients import image_scans
from clients.aws import AwsAccess, AwsError
from clients.image_scans import ImageScans, ScanError
from infra.settings import read_settings
from release.scan import ORDER, Flaw, judge, named

BAD, WORSE = Flaw(name="CVE-2", severity="HIGH"), Flaw(name="CVE-1", severity="CRITICAL")
UNRATED = Flaw(name="CVE-3", severity="UNTRIAGED")


@pytest.mark.parametrize(
    ("threshold", "refused"), [("CRITICAL", [WORSE]), ("HIGH", [WORSE, BAD]), ("LOW", [WORSE, BAD])]
)
def test_what_is_as_bad_as_the_threshold_is_refused_worst_first(
    threshold: str, refused: list[Flaw]
) -> None:
    assert list(judge([UNRATED, BAD, WORSE], threshold, []).refused) == refused


def test_what_is_accepted_by_name_is_let_through_and_counted() -> None:
    found = judge([BAD, WORSE, UNRATED], "INFORMATIONAL", ["CVE-1", "CVE-9"])
    assert found.refused == (BAD,)
    assert found.text == "1 critical, 1 high, 1 untriaged, 1 of them accepted"
    assert judge([], "LOW", []).text == "nothing found"


def test_many_are_named_and_counted() -> None:
    flaws = tuple(Flaw(name=f"CVE-{n}", severity=ORDER[0]) for n in range(7))
    assert named(flaws).startswith("CVE-0 (critical), ")
    assert named(flaws).endswith(" and 2 more")


class Ecr:
    """Answers with these, one after the other; an exception is raised."""

    def __init__(self, *answers: Mapping[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[Mapping[str, Any]] = []

    def describe_image_scan_findings(self, **given: Any) -> Mapping[str, Any]:
        self.asked.append(given)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def status(name: str) -> dict[str, Any]:
    return {"imageScanStatus": {"status": name, "description": "d\n"}}


def complete(*flaws: Flaw, **more: Any) -> dict[str, Any]:
    listed = [{"name": each.name, "severity": each.severity} for each in flaws]
    return {**status("COMPLETE"), "imageScanFindings": {"findings": listed}, **more}


NOT_YET = AwsError("no scan", "ScanNotFoundException")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def scans(ecr: Ecr, monkeypatch: pytest.MonkeyPatch, wait: int = 60) -> ImageScans:
    monkeypatch.setattr(image_scans, "client", lambda *_: ecr)
    clock = Clock()
    return ImageScans(AwsAccess(region="eu-west-1"), wait, clock.sleep, clock)


def test_a_scan_that_runs_is_waited_for_and_every_page_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ecr = Ecr(
        NOT_YET, status("PENDING"), status("IN_PROGRESS"), complete(BAD, nextToken="2"),
        complete(WORSE),
    )  # fmt: skip
    found = scans(ecr, monkeypatch).flaws("api", "sha256:1", "123456789012")
    assert found == [BAD, WORSE]
    assert ecr.asked[-1]["nextToken"] == "2"
    assert ecr.asked[0]["registryId"] == "123456789012"


def test_enhanced_findings_are_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    flaw = {"severity": "HIGH", "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-2"}}
    answer = {**status("ACTIVE"), "imageScanFindings": {"enhancedFindings": [flaw]}}
    assert scans(Ecr(answer), monkeypatch).flaws("api", "sha256:1") == [BAD]


@pytest.mark.parametrize("state", ["FAILED", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED"])
def test_an_image_that_was_not_scanned_is_an_error(
    state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ScanError, match=f"{state}.*start-image-scan"):
        scans(Ecr(status(state)), monkeypatch).flaws("api", "sha256:1")


@pytest.mark.parametrize("state", [status("IN_PROGRESS"), NOT_YET])
def test_the_wait_has_an_end(state: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ecr = Ecr(*[state] * 99)
    with pytest.raises(ScanError, match="within 60 s"):
        scans(ecr, monkeypatch).flaws("api", "sha256:1")
    assert len(ecr.asked) == 21


def test_what_aws_refuses_is_no_scan_that_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ecr = Ecr(AwsError("denied", "AccessDeniedException"))
    with pytest.raises(AwsError, match="denied"):
        scans(ecr, monkeypatch).flaws("api", "sha256:1")


def test_the_threshold_is_a_setting_with_a_refusal() -> None:
    config = {"aws:region": "eu-west-1", "slipway:bundles": '{"bucket": "acme-x"}'}
    assert read_settings("slipway", "dev", config).scan.refuse == "CRITICAL"
    with pytest.raises(ValueError, match=r"(?s)slipway:scan\.refuse.*CRITICAL"):
        read_settings("slipway", "dev", {**config, "slipway:scan": '{"refuse": "high"}'})
