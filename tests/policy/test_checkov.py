"""checkov itself, on what it reads: Dockerfiles, and the recorded resources as a plan."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.policy.check import OPEN
from tests.policy.checkov import checked, checked_as_plan, findings
from tests.policy.checkov_reasons import BEYOND, DOCKERFILES, MANIFESTS
from tests.policy.resources import put
from tests.policy.stacks import STACKS, recorded
from tests.policy.table import CHECKS

PROJECT = Path(__file__).resolve().parents[2]
SERVICES = PROJECT / "services"
GOLDEN = PROJECT / "tests" / "golden"
IDS = {word: check for check in CHECKS for word in re.findall(r"CKV2?_AWS_\d+", check.ids)}


@cache
def of_stack(stack: str) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        return checked_as_plan(recorded(stack), Path(folder))


def failed(results: dict[str, Any]) -> set[str]:
    return {name for name, _ in findings(results)}


@pytest.mark.parametrize("stack", STACKS)
def test_checkov_finds_nothing_that_the_table_does_not_say(stack: str) -> None:
    accepted = {name for name, check in IDS.items() if check.accepted}

    assert failed(of_stack(stack)) - accepted - set(BEYOND) == set()


@pytest.mark.parametrize("stack", STACKS)
def test_checkov_and_the_table_agree_on_every_check_that_both_know(stack: str) -> None:
    results = of_stack(stack)
    asked = {each["check_id"] for each in results["passed_checks"]} | failed(results)
    both = (asked & set(IDS)) - set(BEYOND)
    ours = {name for name in both if IDS[name].outcome(recorded(stack)) == OPEN}

    assert len(both) >= 15
    assert ours ^ (failed(results) & both) <= STRICTER


# checkov asks only whether a public address is demanded; the table, whether one is refused.
STRICTER = {"CKV_AWS_88"}


def test_no_reason_is_left_of_something_that_checkov_no_longer_finds() -> None:
    found = set().union(*(failed(of_stack(stack)) for stack in STACKS))

    assert set(BEYOND) - found == set()


def test_checkov_sees_a_loosened_property_in_the_plan(tmp_path: Path) -> None:
    instance = "aws:ec2/instance:Instance"
    loosened = put(instance, "metadataOptions.httpTokens", "optional")(recorded("dev"))

    assert "CKV_AWS_79" in failed(checked_as_plan(loosened, tmp_path))


def test_checkov_finds_nothing_in_our_dockerfiles_that_has_no_reason() -> None:
    found = findings(checked("dockerfile", SERVICES))
    unexplained = {
        (name, file)
        for name, file in found
        if (name, "*") not in DOCKERFILES and (name, file) not in DOCKERFILES
    }

    assert unexplained == set()
    assert {name for name, _ in DOCKERFILES} <= {name for name, _ in found}


def test_checkov_sees_a_dockerfile_that_runs_as_root(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nRUN apt-get update\n")

    assert "CKV_DOCKER_3" in failed(checked("dockerfile", tmp_path))


def manifests(folder: Path, change: Callable[[dict[str, Any]], object] = len) -> dict[str, Any]:
    """What checkov finds in the golden manifests; `change` is made to each workload's container."""
    for file in GOLDEN.glob("kubernetes_*.json"):
        documents = json.loads(file.read_text())
        for each in documents:
            for container in containers(each):
                change(container)
        text = "\n---\n".join(json.dumps(each) for each in documents)
        (folder / f"{file.stem}.yaml").write_text(text)
    return checked("kubernetes", folder)


def containers(document: dict[str, Any]) -> list[dict[str, Any]]:
    spec = document.get("spec") or {}
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    found: list[dict[str, Any]] = spec.get("template", {}).get("spec", {}).get("containers", [])
    return found


def test_checkov_finds_nothing_in_our_manifests_that_has_no_reason(tmp_path: Path) -> None:
    results = manifests(tmp_path)
    found = findings(results)
    explained = {
        (name, resource)
        for name, resource in found
        for reason, where in MANIFESTS
        if name == reason and (where == "*" or resource.startswith(where))
    }

    assert found - explained == set()
    assert {name for name, _ in MANIFESTS} == {name for name, _ in found}
    assert len(results["passed_checks"]) > 300
    assert {each["resource"].split(".")[0] for each in results["passed_checks"]} >= {
        *("CronJob", "Deployment", "Ingress", "Job", "Pod", "Service", "ServiceAccount"),
    }


def test_checkov_sees_a_loosened_manifest(tmp_path: Path) -> None:
    def loosen(container: dict[str, Any]) -> None:
        container["securityContext"] = {"privileged": True}
        container["image"] = "shop:latest"

    assert failed(manifests(tmp_path, loosen)) >= {"CKV_K8S_16", "CKV_K8S_43", "CKV_K8S_22"}


@pytest.mark.parametrize("file", sorted(SERVICES.glob("*/Dockerfile")), ids=lambda f: f.parent.name)
def test_every_base_names_a_version(file: Path) -> None:
    bases = re.findall(r"^ARG BASE=(\S+)$", file.read_text(), re.MULTILINE)

    assert bases
    assert all(re.search(r":\d", base) for base in bases), bases
