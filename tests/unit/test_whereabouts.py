"""Who may say which account, region and profile a stack belongs to, and who wins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.env_file import Said, read_env_files
from infra.whereabouts import locate

OURS, THEIRS = "123456789012", "210987654321"
FILE = {"aws:region": "eu-west-1", "slipway:account": OURS}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder of Pulumi.yaml in a git repository."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "deploy").mkdir()
    return tmp_path / "deploy"


def located(
    project: Path, config: Mapping[str, str] = FILE, **environment: Any
) -> tuple[dict[str, str], dict[str, Said]]:
    return locate("slipway", "dev", config, environment, project)


def refused(project: Path, config: Mapping[str, str] = FILE, **environment: Any) -> str:
    with pytest.raises(ValueError) as error:  # noqa: PT011 -- the text is what is tested
        located(project, config, **environment)
    return str(error.value)


def test_the_stack_file_alone_is_enough(project: Path) -> None:
    config, said = located(project)
    assert config == FILE
    assert said["account"].place == "slipway:account in Pulumi.dev.yaml"
    assert said["account"].file is None


def test_the_env_file_says_what_nobody_else_does(project: Path) -> None:
    env = f"AWS_ACCOUNT_ID={OURS}\nexport AWS_REGION='eu-west-1' # here\nAWS_PROFILE=dev\n"
    (project.parent / ".env").write_text(env)
    config, said = located(project, {})
    assert config == {**FILE, "aws:profile": "dev"}
    assert {each.file for each in said.values()} == {project.parent / ".env"}


def test_nothing_else_of_the_env_file_is_kept(project: Path) -> None:
    (project / ".env").write_text("TOKEN=hunter2\nAWS_SECRET_ACCESS_KEY=hunter2\nAWS_PROFILE=dev\n")
    assert set(read_env_files(project)) == {"AWS_PROFILE"}
    assert "hunter2" not in repr(located(project))


@pytest.mark.parametrize("folder", ["deploy", "."])
def test_it_is_found_beside_pulumi_yaml_and_at_the_top(project: Path, folder: str) -> None:
    (project.parent / folder / ".env").write_text("AWS_PROFILE=dev\n")
    assert located(project)[1]["profile"].value == "dev"


def test_a_folder_above_the_repository_is_nobodys(project: Path) -> None:
    inner = project / "inner"
    (inner / "deploy").mkdir(parents=True)
    (inner / ".git").write_text("gitdir: elsewhere\n")
    (project.parent / ".env").write_text("AWS_PROFILE=dev\n")
    assert "profile" not in located(inner / "deploy")[1]


def test_outside_of_git_only_the_one_beside_pulumi_yaml_counts(project: Path) -> None:
    (project.parent / ".git").rmdir()
    (project.parent / ".env").write_text("AWS_PROFILE=dev\n")
    assert "profile" not in located(project)[1]


def test_the_environment_wins_over_the_env_file(project: Path) -> None:
    (project / ".env").write_text(f"AWS_ACCOUNT_ID={THEIRS}\nAWS_REGION=us-east-1\nAWS_PROFILE=a\n")
    known: dict[str, Any] = {"AWS_ACCOUNT_ID": OURS, "AWS_REGION": "eu-west-1", "AWS_PROFILE": "b"}
    config, said = located(project, **known)
    assert said["profile"].value == "b"
    assert "aws:profile" not in config, "the provider reads the environment itself"


def test_the_profile_of_the_stack_file_wins_over_all(project: Path) -> None:
    (project / ".env").write_text("AWS_PROFILE=a\n")
    config, said = located(project, {**FILE, "aws:profile": "c"}, AWS_PROFILE="b")
    assert (config["aws:profile"], said["profile"].value) == ("c", "c")


@pytest.mark.parametrize("key", ["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"])
def test_credentials_at_hand_win_over_the_profile_of_the_env_file(project: Path, key: str) -> None:
    (project / ".env").write_text("AWS_PROFILE=a\n")
    at_hand: dict[str, Any] = {key: "x"}
    assert "profile" not in located(project, **at_hand)[1]


@pytest.mark.parametrize(("key", "value", "own"), [
    ("AWS_ACCOUNT_ID", THEIRS, f"slipway:account in Pulumi.dev.yaml is '{OURS}'"),
    ("AWS_REGION", "us-east-1", "aws:region in Pulumi.dev.yaml is 'eu-west-1'"),
])  # fmt: skip
def test_a_contradiction_names_both_places(project: Path, key: str, value: str, own: str) -> None:
    said: dict[str, Any] = {key: value}
    text = refused(project, **said)
    assert f"{own}, but {key} of the environment is '{value}'" in text
    (project / ".env").write_text(f"{key}={value}\n")
    assert f"{own}, but {key} in {project / '.env'} is '{value}'" in refused(project)


def test_the_default_region_counts_where_there_is_no_other(project: Path) -> None:
    assert "AWS_DEFAULT_REGION" in refused(project, AWS_DEFAULT_REGION="us-east-1")
    located(project, AWS_DEFAULT_REGION="us-east-1", AWS_REGION="eu-west-1")


def test_two_env_files_may_agree_and_not_disagree(project: Path) -> None:
    for folder in (project, project.parent):
        (folder / ".env").write_text("AWS_PROFILE=dev\n")
    located(project)
    (project / ".env").write_text("AWS_PROFILE=other\n")
    text = refused(project)
    assert str(project / ".env") in text
    assert str(project.parent / ".env") in text


@pytest.mark.parametrize("line", ["AWS_ACCOUNT_ID=12345", "AWS_REGION=Ireland"])
def test_a_value_that_cannot_be_is_refused_with_its_place(project: Path, line: str) -> None:
    (project / ".env").write_text(f"{line}\n")
    assert str(project / ".env") in refused(project, {})


def test_a_line_of_ours_that_is_no_assignment_is_refused_and_others_are_not_shown(
    project: Path,
) -> None:
    (project / ".env").write_text("PASSWORD: hunter2 = x\nAWS_PROFILE=dev\n")
    assert located(project)[1]["profile"].value == "dev"
    (project / ".env").write_text("TOKEN=hunter2\nAWS_ACCOUNT_ID: 'hunter2'\n")
    text = refused(project)
    assert "line 2" in text
    assert "write AWS_ACCOUNT_ID=value" in text
    assert "hunter2" not in text


def test_a_file_that_is_no_text_is_refused(project: Path) -> None:
    (project / ".env").write_bytes(b"\xff\xfe\x00")
    assert "can't be read: it is no UTF-8 text" in refused(project)


def test_a_local_cloud_takes_nothing_from_elsewhere(project: Path) -> None:
    (project / ".env").write_text(f"AWS_ACCOUNT_ID={THEIRS}\n")
    local = {**FILE, "aws:accessKey": "local"}
    assert located(project, local, AWS_REGION="us-east-1") == (local, {})
