"""Our own workflows, step by step on this machine: from a pull request to a rollback of prod.

In this order.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.estate import PROJECT, Estate
from tests.fakes.github_api import FakeGitHub, served
from tests.fakes.github_store import Store
from tests.systems.system import System, sample
from tests.systems.walk import change
from tests.systems.workflow_run import Runner, not_run
from tests.systems.workflow_steps import steps_of, workflows

OURS = ".github/workflows/"


@pytest.fixture(scope="module")
def github() -> Iterator[FakeGitHub]:
    with served(Store(token="ghs_fake")) as fake:
        yield fake


@pytest.fixture(scope="module")
def system(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> System:
    top = tmp_path_factory.mktemp("workflows") / "monorepo"
    # No stack file is in tests/, so none but these two are there.
    system = System.of(estate, top, PROJECT / "tests", {**sample("book-shop"), **sample("atta")})
    for stack in ("dev", "prod"):
        system.add_stack(PROJECT / f"Pulumi.{stack}.yaml")
    system.commit("first", {"README.md": "ours\n"}, amend=True)
    return system


@pytest.fixture
def runner(system: System, github: FakeGitHub, tmp_path: Path) -> Runner:
    return Runner(
        system, tmp_path, "push", github={"api_url": github.api, "ref": "refs/heads/main"}
    )


def test_a_pull_request_gets_one_comment_before_there_is_a_stack(
    runner: Runner, github: FakeGitHub
) -> None:
    runner.ask("acme/shop")
    said = runner.run(f"{OURS}ci.yml")
    assert "nothing to build" in said["Build what changed, push nothing"].text
    assert "Preview dev and prod, in one comment" in said
    (comment,) = github.store.comments
    assert "`pulumi up --stack dev` makes the stack" in comment["body"]
    assert comment["body"] in runner.summary


def test_a_pull_request_from_a_fork_gets_unit_tests_alone_and_is_told_so(runner: Runner) -> None:
    runner.ask("eve/shop")
    said = runner.run(f"{OURS}ci.yml")
    assert list(runner.needs) == ["unit"]
    assert "unit tests alone" in said["Say what a fork does not get"].text
    assert "unit tests alone" in runner.summary


def test_a_merge_builds_deploys_to_dev_and_passes_the_gate(runner: Runner, system: System) -> None:
    said = runner.run(f"{OURS}build.yml")
    assert "nothing found" in said["Refuse what ECR's scanner found"].text
    assert "2 images new, 2 services changed, 0 untouched" in runner.summary
    assert system.get("dev", "book-shop", "/version")["service"] == "book-shop"


def test_a_commit_that_names_no_release_releases_nothing(runner: Runner) -> None:
    runner.run(f"{OURS}release.yml")
    assert list(runner.needs) == ["asked"]
    assert "nothing is released" in runner.summary


def test_the_line_in_the_message_is_the_release(runner: Runner, system: System) -> None:
    system.commit("Mend the door\n\nRelease: v1.2.0", {"README.md": "mended\n"})
    said = runner.run(f"{OURS}release.yml")
    assert list(runner.needs) == ["asked", "snapshot", "release"]
    assert "Release: v1.2.0" in said["Which version is asked for"].text
    assert system.digests("prod") == system.digests("dev")
    assert system.get("prod", "book-shop", "/version")["version"] == "v1.2.0"


def test_the_same_comment_tells_the_next_change_for_both_stacks(
    runner: Runner, system: System, github: FakeGitHub
) -> None:
    system.git("switch", "--quiet", "--create", "feature/@octocat-`x`")
    change(system, "@octocat <b>second</b>")
    runner.ask("acme/shop")
    said = runner.run(f"{OURS}ci.yml")
    assert "book-shop: built in" in said["Build what changed, push nothing"].text
    (comment,) = github.store.comments
    assert "**`dev`**: 1 image to build, 1 service changes, 1 untouched" in comment["body"]
    assert "services/book-shop/app.py changed" in comment["body"]
    assert "octocat" not in comment["body"]
    assert "**`prod`**: " in comment["body"]
    before = system.estate.counters()
    runner = Runner(system, runner.folder, "push", github=runner.on("refs/heads/main"))
    said = runner.run(f"{OURS}ci.yml")
    assert "dev: 1 image to build" in said["Preview dev and prod"].text
    after = system.estate.counters()
    assert {name: after[name] for name in ("registry_writes", "s3_writes", "ssm_commands")} == {
        name: before[name] for name in ("registry_writes", "s3_writes", "ssm_commands")
    }


def test_a_tag_deploys_to_dev(runner: Runner, system: System) -> None:
    runner.run(f"{OURS}deploy-dev.yml")
    assert "1 image new, 1 service changed, 1 untouched" in runner.summary


def test_a_version_by_hand_goes_to_prod_and_the_gate_comes_first(
    runner: Runner, system: System
) -> None:
    runner.event_name, runner.inputs = (
        "workflow_dispatch",
        {"version": "v1.3.0", "action": "deploy", "why": ""},
    )
    ecr = system.estate.client("ecr")
    arn = ecr.describe_repositories(repositoryNames=["book-shop"])["repositories"][0]
    name = {"resourceArn": arn["repositoryArn"]}
    bad = {"Key": "localcloud:findings", "Value": "CVE-2021-1=LOW CVE-2024-3094=CRITICAL"}
    ecr.tag_resource(**name, tags=[bad])
    with pytest.raises(AssertionError, match=r"book-shop: CVE-2024-3094 \(critical\)"):
        runner.run(f"{OURS}deploy.yml")
    assert system.get("prod", "book-shop", "/version")["version"] == "v1.2.0"
    ecr.untag_resource(**name, tagKeys=["localcloud:findings"])
    runner.run(f"{OURS}deploy.yml")
    assert system.get("prod", "book-shop", "/version")["version"] == "v1.3.0"


def test_a_version_that_is_none_reaches_no_shell(runner: Runner, system: System) -> None:
    hostile = 'v1$(touch canary)`touch canary`";touch canary'
    runner.event_name = "workflow_dispatch"
    runner.inputs = {"version": hostile, "action": "deploy", "why": ""}
    with pytest.raises(AssertionError, match="version"):
        runner.run(f"{OURS}deploy.yml")
    # Pulumi saves what `-c` says even if it is refused; each run of GitHub has a fresh clone.
    system.git("checkout", "--quiet", "--", "deploy/Pulumi.prod.yaml")
    runner.inputs = {"version": hostile, "action": "rollback", "why": "$(touch canary)"}
    with pytest.raises(AssertionError, match="canary"):
        runner.run(f"{OURS}deploy.yml")
    runner.inputs, runner.event_name = {"version": hostile}, "workflow_dispatch"
    with pytest.raises(AssertionError, match="no name of a release"):
        runner.run(f"{OURS}release.yml")
    assert not list(system.top.rglob("canary"))


def test_the_rollback_is_held(runner: Runner, system: System) -> None:
    runner.event_name = "workflow_dispatch"
    runner.inputs = {"version": "v1.2.0", "action": "rollback", "why": "it's slow"}
    said = runner.run(f"{OURS}deploy.yml")
    assert "prod is held at v1.2.0" in said["Roll prod back"].text
    assert system.get("prod", "book-shop", "/version")["version"] == "v1.2.0"
    assert "rolled back" in runner.summary


def test_every_step_that_can_run_here_has_run() -> None:
    ours = [each for each in workflows() if each.startswith(OURS)]
    steps = [each for file in ours for each in steps_of(file)]
    for each in steps:
        print(f"{each.file}: {each.job}: {each.name}: {each.reason or 'ran'}")
    assert [not_run(file) for file in ours] == [set()] * len(ours)
