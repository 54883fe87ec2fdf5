"""checkov, as `make policy` has installed it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from offline.setup_checkov import program
from tests.policy.resources import Resources
from tests.policy.terraform_plan import plan


def checked(framework: str, folder: Path) -> dict[str, Any]:
    """What checkov finds in a folder. Fails the test that asks where it isn't installed."""
    if not program().exists():
        pytest.fail("checkov is not installed: run these tests by `make policy`")
    words = ("--compact", "--skip-download", "--output", "json")
    argv = [str(program()), "--directory", str(folder), "--framework", framework, *words]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=300)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        pytest.fail(f"checkov ended with {done.returncode}: {done.stderr[-2000:]}")
    results: dict[str, Any] = found["results"]
    return results


def findings(results: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The failed checks: id, and the resource or file."""
    return {(each["check_id"], each["resource"]) for each in results["failed_checks"]}


def checked_as_plan(resources: Resources, folder: Path) -> dict[str, Any]:
    """What checkov finds in recorded resources, told as a plan of Terraform."""
    (folder / "plan.json").write_text(json.dumps(plan(resources)))
    return checked("terraform_plan", folder)
