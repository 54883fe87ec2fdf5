"""Seed 002: the registry is the source of versions. The tests stand on each other, in order."""

from __future__ import annotations

import pytest

from tests.estate import Estate
from tests.systems.system import RECIPES, System, images_of


@pytest.fixture(scope="module")
def system(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> System:
    top = tmp_path_factory.mktemp("versions") / "monorepo"
    sources = images_of("apps", backend="one", whatsapp_container="one")
    return System.of(estate, top, RECIPES / "ecr-versions", sources)


def short(system: System) -> str:
    return system.git("rev-parse", "HEAD")[:7]


def test_the_first_version_is_0_1_0_with_three_names(system: System) -> None:
    system.up("main").ok()
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
