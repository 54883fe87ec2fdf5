"""Seed 002: the registry is the source of versions. The tests stand on each other, in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.estate import PROJECT, Estate
from tests.systems.system import RECIPES, System, images_of
from tests.systems.workflow_run import Runner, not_run

WORKFLOW = "docs/recipes/ecr-versions/.github/workflows/deploy.yml"


@pytest.fixture(scope="module")
def system(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> System:
    top = tmp_path_factory.mktemp("versions") / "monorepo"
    sources = images_of("apps", backend="one", whatsapp_container="one")
    return System.of(estate, top, RECIPES / "ecr-versions", sources)


def short(system: System) -> str:
    return system.git("rev-parse", "HEAD")[:7]


@pytest.fixture
def runner(system: System, tmp_path: Path) -> Runner:
    return Runner(system, tmp_path, "push")


def test_a_push_to_main_gives_the_first_version_0_1_0_with_three_names(
    system: System, runner: Runner
) -> None:
    runner.run(WORKFLOW)
    expected = ["0.1.0", f"0.1.0-{short(system)}", "latest"]
    assert system.tags("shula-backend") == expected
    assert system.tags("shula-whatsapp-container") == expected


def test_the_same_content_keeps_its_version_however_often_it_runs(system: System) -> None:
    before = system.estate.counters()
    system.up("main").ok()
    system.commit("nothing of the apps", {"README.md": "read me\n"})
    system.up("main").ok()
    assert system.estate.counters()["registry_writes"] == before["registry_writes"]
    assert system.tags("shula-backend")[0] == "0.1.0"


def test_a_push_with_minor_in_its_message_bumps_the_affected_app_alone(system: System) -> None:
    system.commit("a feature [minor]", {"apps/backend/app.txt": "two"})
    preview = system.preview("main").ok()
    assert f"will be 0.2.0, 0.2.0-{short(system)}: minor after 0.1.0" in preview
    system.up("main").ok()
    assert f"0.2.0-{short(system)}" in system.tags("shula-backend")
    assert "0.2.0" not in system.tags("shula-whatsapp-container")


def test_without_a_word_it_is_a_patch_and_major_wins(system: System) -> None:
    system.commit("a fix", {"apps/backend/app.txt": "three"})
    system.up("main").ok()
    assert "0.2.1" in system.tags("shula-backend")
    system.commit("breaks [major]", {"apps/backend/app.txt": "four"})
    system.commit("and a feature [minor]", {"apps/backend/app.txt": "five"})
    system.up("main").ok()
    assert "1.0.0" in system.tags("shula-backend")


def test_a_bump_by_hand_is_for_one_update(system: System) -> None:
    system.commit("words", {"apps/backend/app.txt": "six"})
    system.up("main", "-c", "bump=minor").ok()
    assert "1.1.0" in system.tags("shula-backend")
    assert "slipway:bump" not in system.stack_file("main")
    before = system.tags("shula-backend")
    system.up("main").ok()
    assert system.tags("shula-backend") == before
    system.commit("more words", {"apps/backend/app.txt": "seven"})
    system.up("main").ok()
    assert "1.1.1" in system.tags("shula-backend"), "a plain update does not repeat the wish"


def test_the_latest_version_is_the_seed_s_own_look_up(system: System) -> None:
    plain = [tag.split(".") for tag in system.tags("shula-backend") if tag.count(".") == 2]
    numbers = [tuple(map(int, parts)) for parts in plain if all(part.isdigit() for part in parts)]
    highest = ".".join(map(str, max(numbers)))
    text = system.slipway_command("latest", "backend", "--stack", "main").ok()
    assert text.strip() == highest == "1.1.1"
    text = system.slipway_command("next", "backend", "minor", "--stack", "main").ok()
    assert text.strip() == "1.2.0"


def test_a_dry_run_of_a_release_by_hand_gives_no_version(system: System) -> None:
    before = system.tags("shula-backend")
    text = system.slipway_command(
        "release", "backend", "minor", "--stack", "main", "--dry-run"
    ).ok()
    assert "1.2.0" in text
    assert system.tags("shula-backend") == before


def test_the_workflow_by_hand_can_be_a_dry_run_too(system: System, runner: Runner) -> None:
    before = system.tags("shula-backend")
    runner.event_name = "workflow_dispatch"
    runner.inputs = {"app": "backend", "bump": "minor", "dry-run": True}
    assert "1.2.0" in runner.run(WORKFLOW)["One app, by hand"].text
    assert system.tags("shula-backend") == before


def test_a_release_by_hand_is_that_app_alone_also_when_unchanged(
    system: System, runner: Runner
) -> None:
    other, digest = system.tags("shula-whatsapp-container"), system.digests("main")["backend"]
    system.commit("another app, not released", {"apps/whatsapp-container/app.txt": "two"})
    runner.event_name = "workflow_dispatch"
    runner.inputs = {"app": "backend", "bump": "minor", "dry-run": False}
    runner.run(WORKFLOW)
    assert not_run(WORKFLOW) == set()
    assert "1.2.0" in system.tags("shula-backend")
    assert system.digests("main")["backend"] == digest, "the same content has a new version"
    assert system.tags("shula-whatsapp-container") == other
    before = system.tags("shula-backend")
    system.up("main").ok()
    assert system.tags("shula-backend") == before, "a plain update does not repeat it"
    assert "0.1.1" in system.tags("shula-whatsapp-container")


def test_a_history_that_is_too_short_is_refused_with_the_command_that_mends_it(
    system: System,
) -> None:
    system.commit("new", {"apps/backend/app.txt": "eight"})
    shallow = system.top.with_name("shallow")
    system.git("clone", "--quiet", "--depth", "1", f"file://{system.top}", str(shallow))
    (shallow / "deploy" / ".venv").symlink_to(PROJECT / ".venv")
    before = system.tags("shula-backend")
    text = System(system.estate, shallow).up("main").refused()
    assert "git fetch --unshallow" in text
    assert system.tags("shula-backend") == before
    system.up("main").ok()
    assert "1.2.1" in system.tags("shula-backend")
