"""Where the version of an update comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clients.git import checkout, read_tree
from infra.settings import Settings
from infra.version import version_of
from tests.scratch_repository import Repository
from tests.unit.test_settings import settings


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "monorepo")


def found(work: Repository, **release: Any) -> str | None:
    at = checkout(work.top)
    return version_of(stack(**release), at, read_tree(at))


def stack(version: str | None = None, **release: Any) -> Settings:
    given = {} if version is None else {"version": version}
    return settings(release={"names": ["{version}"], **release}, **given)


def project(work: Repository, text: str, path: str = "pyproject.toml") -> None:
    work.write(path, text)
    work.commit("version")


def test_a_configured_version_is_taken_as_it_is(work: Repository) -> None:
    assert found(work) is None
    assert found(work, version="v1.2.0") == "v1.2.0"


def test_pyproject_says_it_in_its_place_of_today_or_of_poetry(work: Repository) -> None:
    project(work, '[project]\nversion = "1.2.0"\n')
    assert found(work, version_from="pyproject") == "1.2.0"
    project(work, '[tool.poetry]\nversion = "1.3.0"\n', "app/pyproject.toml")
    assert found(work, version_from="pyproject", pyproject="app/pyproject.toml") == "1.3.0"


def test_what_is_asked_for_goes_before_the_file(work: Repository) -> None:
    project(work, '[project]\nversion = "1.2.0"\n')
    assert found(work, version="v1.1.0", version_from="pyproject") == "v1.1.0"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[project]\n", r"has no version: add `version"),
        ('[project]\nversion = "1.2"\n', r"project\.version: '1\.2' is not a version"),
        ("[project]\nversion = 12\n", r"has no version"),
        ("[project\n", r"is not TOML"),
    ],
)
def test_a_file_without_a_version_is_refused_by_its_name(
    work: Repository, text: str, said: str
) -> None:
    project(work, text)
    with pytest.raises(ValueError, match=rf"pyproject\.toml.*{said}"):
        found(work, version_from="pyproject")


def test_a_file_that_is_not_there_is_refused_with_the_key_that_names_it(work: Repository) -> None:
    with pytest.raises(ValueError, match=r"no pyproject\.toml .*`release\.pyproject`"):
        found(work, version_from="pyproject")


def test_the_highest_tag_of_the_commit_is_the_version(work: Repository) -> None:
    for tag in ("0.1.9-dev", "0.1.10-dev", "9.9.9-prod"):
        work.git("tag", tag)
    assert found(work, version_from="git-tag") == "0.1.10-dev"


def test_a_tag_of_another_commit_is_none(work: Repository) -> None:
    work.git("tag", "0.1.9-dev")
    project(work, "")
    with pytest.raises(ValueError, match=r"has no tag \*-dev"):
        found(work, version_from="git-tag")


def test_a_tag_that_is_no_version_is_refused(work: Repository) -> None:
    work.git("tag", "nightly-dev")
    with pytest.raises(ValueError, match="'nightly-dev' is not a version"):
        found(work, version_from="git-tag")
