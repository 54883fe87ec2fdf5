"""A stack file read without Pulumi says what Pulumi's program would read."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.stack_file import PROJECT, read_stack_file

RECIPES = PROJECT / "docs" / "recipes"
SHIPPED = sorted([*PROJECT.glob("Pulumi.*.yaml"), *RECIPES.glob("*/Pulumi.*.yaml")])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: slipway\n")
    return tmp_path


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: f"{file.parent.name}-{file.name}")
def test_every_shipped_stack_file_is_right(file: Path, project: Path) -> None:
    (project / file.name).write_text(file.read_text())
    settings = read_stack_file(file.name.split(".")[1], project)
    assert settings.release.names


def test_every_recipe_has_its_stack_files() -> None:
    recipes = {file.parent.name for file in SHIPPED if file.parent.parent == RECIPES}
    assert recipes == {folder.name for folder in RECIPES.iterdir() if folder.is_dir()}
    assert len(recipes) == 6, "five systems, and two accounts"


def test_an_unknown_stack_is_refused_with_those_there_are(project: Path) -> None:
    (project / "Pulumi.dev.yaml").write_text("config: {}\n")
    with pytest.raises(ValueError, match=r"no stack file Pulumi\.prd\.yaml .*allowed: dev"):
        read_stack_file("prd", project)


@pytest.mark.parametrize(
    ("text", "said"), [("config: [", "is not YAML"), ("- a\n", "allowed: a mapping")]
)
def test_a_damaged_file_is_refused_by_its_name(project: Path, text: str, said: str) -> None:
    (project / "Pulumi.dev.yaml").write_text(text)
    with pytest.raises(ValueError, match=said):
        read_stack_file("dev", project)


def test_problems_are_told_as_pulumi_up_tells_them(project: Path) -> None:
    text = "config:\n  aws:region: eu-west-1\n  slipway:relase: {}\n"
    (project / "Pulumi.dev.yaml").write_text(text)
    with pytest.raises(ValueError, match="did you mean 'release'"):
        read_stack_file("dev", project)
