"""The workflows hold to what the seeds and the security checklist say; steps are listed afresh."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.systems.workflow_expressions import Expressions
from tests.systems.workflow_steps import (
    PROJECT,
    page,
    read,
    same_as_ours,
    steps_of,
    workflows,
)

OURS, RECIPES = ".github/workflows/", "docs/recipes/"
PINS = {
    "actions/checkout": ("de0fac2e4500dabe0009e67214ff5f5447ce83dd", "v6.0.2"),
    "aws-actions/configure-aws-credentials": ("e6de054238d6b7531b4efff3b6587d9aade6a06c", "v6.2.3"),
}
TRIGGERS = {
    f"{OURS}ci.yml": {
        "pull_request": None,
        "push": {"branches": ["main", "feature/**", "bugfix/**"]},
    },
    f"{OURS}build.yml": {"push": {"branches": ["main"]}},
    f"{OURS}deploy-dev.yml": {"push": {"tags": ["*-dev"]}},
    f"{RECIPES}snapshot-promotion/{OURS}dev.yml": {"push": {"branches": ["dev"]}},
}
"""As seeds 001, 003 and 004 have them, word by word."""


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for file in workflows():
        for name, job in read(file)["jobs"].items():
            yield file, name, job


JOBS = [pytest.param(*each, id=f"{each[0]}:{each[1]}") for each in jobs()]


@pytest.mark.parametrize("file", TRIGGERS)
def test_the_triggers_are_the_seeds(file: str) -> None:
    assert read(file)[True] == TRIGGERS[file]


def test_each_recipe_has_the_workflows_that_its_seed_describes() -> None:
    found = {
        recipe.name: sorted(each.name for each in recipe.glob(f"{OURS}*"))
        for recipe in (PROJECT / RECIPES).iterdir()
        if recipe.is_dir()
    }
    assert found == {
        "monorepo-pipelines": [],
        "two-accounts": [],
        "ci-build-deploy": ["build.yml", "ci.yml", "deploy.yml"],
        "ecr-versions": ["deploy.yml"],
        "make-deploy-dev": ["deploy-dev.yml"],
        "snapshot-promotion": ["dev.yml", "release.yml"],
    }
    for file in workflows():
        if Path(file).name in ("ci.yml", "build.yml", "deploy-dev.yml"):
            assert file.startswith(OURS) or same_as_ours(file), f"{file} differs from ours"


def test_versions_and_snapshots_are_asked_for_by_hand() -> None:
    deploy = read(f"{OURS}deploy.yml")[True]
    assert list(deploy) == ["workflow_dispatch"]
    assert deploy["workflow_dispatch"]["inputs"]["version"]["required"] is True
    release = read(f"{RECIPES}snapshot-promotion/{OURS}release.yml")[True]
    assert release["push"] == {"branches": ["main"]}
    assert release["workflow_dispatch"]["inputs"]["source"]["required"] is True
    app = read(f"{RECIPES}ecr-versions/{OURS}deploy.yml")[True]
    assert app["push"] == {"branches": ["main"]}
    assert list(app["workflow_dispatch"]["inputs"]) == ["app", "bump", "dry-run"]
    assert app["workflow_dispatch"]["inputs"]["bump"]["options"] == ["patch", "minor", "major"]


@pytest.mark.parametrize(("file", "name", "job"), JOBS)
def test_a_job_has_a_time_limit_and_no_right_that_it_does_not_use(
    file: str, name: str, job: dict[str, Any]
) -> None:
    assert read(file)["permissions"] == {}
    assert 0 < job["timeout-minutes"] <= 60
    text = json.dumps(job["steps"])
    rights = job["permissions"]
    assert ("id-token" in rights) == ("configure-aws-credentials" in text)
    writes = {right for right, how in rights.items() if how == "write"} - {"id-token"}
    assert writes <= {"pull-requests", "contents"}
    assert ("pull-requests" in writes) == ("make comment" in text)
    assert ("contents" in writes) == (name == "release")
    assert ("secrets." in text) is False, "there is no secret to be stolen"


@pytest.mark.parametrize(("file", "name", "job"), JOBS)
def test_an_action_is_pinned_by_the_commit_of_its_tag(
    file: str, name: str, job: dict[str, Any]
) -> None:
    lines = (PROJECT / file).read_text().splitlines()
    for step in (each for each in job["steps"] if "uses" in each):
        action, _, commit = step["uses"].partition("@")
        wanted, tag = PINS[action]
        assert commit == wanted
        assert all(line.endswith(f"# {tag}") for line in lines if f"{action}@" in line)
        if action == "actions/checkout":
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize(("file", "name", "job"), JOBS)
def test_what_people_say_reaches_scripts_through_the_environment_alone(
    file: str, name: str, job: dict[str, Any]
) -> None:
    scripts = [each["run"] for each in job["steps"] if "run" in each]
    assert scripts, "a job that does nothing"
    for script in scripts:
        assert "${{" not in script
        assert re.match(r"(make [a-z]|echo )", script), f"{script!r} can't be typed on a laptop"


@pytest.mark.parametrize("file", workflows())
def test_deploys_wait_for_each_other_and_stale_previews_do_not(file: str) -> None:
    group = read(file)["concurrency"]
    if file.endswith("/ci.yml"):
        cancels = Expressions({"github": {"ref": "refs/pull/7/merge"}})
        assert cancels.text(group["cancel-in-progress"]) == "true"
        on_main = Expressions({"github": {"ref": "refs/heads/main"}})
        assert on_main.text(group["cancel-in-progress"]) == "false"
    else:
        assert (group["queue"], group["cancel-in-progress"]) == ("max", False)
        assert group["group"].startswith("deploy-")


def test_prod_needs_an_approval() -> None:
    for file, _, job in jobs():
        scripts = json.dumps(job["steps"])
        deploys = any(f"make {verb} STACK=prod" in scripts for verb in ("up", "rollback"))
        assert deploys == (job.get("environment") == "production"), file


def test_every_target_that_a_step_calls_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    called = {
        each.document["run"].split()[1]
        for file in workflows()
        for each in steps_of(file)
        if each.document.get("run", "").startswith("make ")
    }
    assert {"check", "unit", "scan", "build", "comment", "up", "gate", "rollback"} <= called
    assert called <= targets


def test_the_rules_of_main_require_a_review_and_every_job_of_ci() -> None:
    rules = json.loads((PROJECT / "docs" / "branch-rules.json").read_text())
    kinds = {each["type"]: each.get("parameters", {}) for each in rules["rules"]}
    assert rules["enforcement"] == "active"
    assert rules["conditions"]["ref_name"]["include"] == ["~DEFAULT_BRANCH"]
    assert kinds["pull_request"]["required_approving_review_count"] == 1
    required = kinds["required_status_checks"]["required_status_checks"]
    checks = {name for file, name, _ in jobs() if file == f"{OURS}ci.yml"}
    # Without a role for previews that job is skipped, and a skipped job counts as passed.
    assert {each["context"] for each in required} == checks
    command = "gh api --method POST repos/OWNER/REPOSITORY/rulesets --input docs/branch-rules.json"
    assert command in (PROJECT / "docs" / "workflows.md").read_text()


def test_the_page_of_steps_is_fresh() -> None:
    assert (PROJECT / "docs" / "workflow-steps.md").read_text() == page() + "\n", "run `make docs`"


def test_every_reason_belongs_to_a_step() -> None:
    reasons = {each.reason for file in workflows() for each in steps_of(file)}
    assert len(reasons - {""}) == 4


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("github.event_name == 'push' || github.x.y == 'z'", True),
        ("vars.ROLE != '' && (inputs.no || github.event_name == 'pull')", False),
        ("!inputs.no", True),
        ("!cancelled()", True),
        ("inputs.quoted == 'it''s  so'", True),
    ],
)
def test_expressions_mean_what_they_mean_on_github(expression: str, value: bool) -> None:
    contexts = {
        "github": {"event_name": "push"},
        "vars": {"ROLE": "x"},
        "inputs": {"no": False, "quoted": "it's  so"},
    }
    assert bool(Expressions(contexts).value(expression)) is value


def asked(tmp_path: Path, message: str, given: str = "") -> subprocess.CompletedProcess[str]:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=A", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", message], check=True)
    return subprocess.run(
        [str(PROJECT / ".ci" / "asked"), "Release"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "GITHUB_OUTPUT": str(tmp_path / "out"), "ASKED": given},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("message", "given", "name"),
    [
        ("Mend\n\nRelease: v1.2.0", "", "v1.2.0"),
        ("Mend\n\nRelease: v1.2.0", "v1.1.0", "v1.1.0"),
        ("Mend the Release: v1.2.0", "", ""),
        ("Mend\n\nRelease: v1.2.0\n\nand more words", "", ""),
    ],
)
def test_a_release_is_asked_for_by_the_last_line_or_by_hand(
    tmp_path: Path, message: str, given: str, name: str
) -> None:
    assert asked(tmp_path, message, given).returncode == 0
    assert (tmp_path / "out").read_text() == f"name={name}\n"


@pytest.mark.parametrize("bad", ["v1$(id)", "a b", "v1\nname=v2", "-c", "x" * 129])
def test_a_name_that_is_none_is_refused(tmp_path: Path, bad: str) -> None:
    done = asked(tmp_path, "Mend", bad)
    assert done.returncode == 1
    assert "no name of a release" in done.stderr
    assert not (tmp_path / "out").exists()
