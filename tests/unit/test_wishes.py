"""Wishes for one update: read from file or environment, and taken out of the file again."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.wishes import Wishes, stuck_wishes, take_back, with_environment

FILE = """\
# why: slipway:all is a wish
config:
  aws:region: eu-west-1
  slipway:all: "true"
  slipway:release: {images: build, names: ["{sha}"]}   # stays
  slipway:bump: minor
  slipway:source: 1.2.0-SNAPSHOT-7d2a1b0
  slipway:sources: mine
  slipway:cleanup: false
encryptionsalt: v1:abc=
"""
KEPT = """\
# why: slipway:all is a wish
config:
  aws:region: eu-west-1
  slipway:release: {images: build, names: ["{sha}"]}   # stays
  slipway:sources: mine
encryptionsalt: v1:abc=
"""


def test_wishes_go_out_of_the_file_and_all_else_stays_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(FILE)
    file.chmod(0o640)
    wishes = [f"slipway:{wish}" for wish in ("all", "bump", "source", "cleanup")]
    assert take_back(file, wishes) == []
    assert file.read_text() == KEPT
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written_keeps_its_wishes_and_says_which(tmp_path: Path) -> None:
    assert take_back(tmp_path / "elsewhere.yaml", ["slipway:all"]) == ["slipway:all"]


def test_only_wishes_count_as_stuck() -> None:
    config = {"slipway:bump": "minor", "slipway:version": "v1.2.0", "other:all": "true"}
    assert stuck_wishes("slipway", config) == ["slipway:bump"]


def test_the_environment_says_wishes_too_and_an_empty_one_is_none() -> None:
    environment = {"SLIPWAY_BUMP": "minor", "SLIPWAY_ALL": "", "SLIPWAY_VERSION": "v1.2.0"}
    assert with_environment("slipway", {"a:b": "c"}, environment) == {
        "a:b": "c",
        "slipway:bump": "minor",
    }


def test_file_and_environment_have_to_agree() -> None:
    with pytest.raises(ValueError, match=r"slipway:bump is 'minor' but SLIPWAY_BUMP says 'major'"):
        with_environment("slipway", {"slipway:bump": "minor"}, {"SLIPWAY_BUMP": "major"})
    same = with_environment("slipway", {"slipway:bump": "major"}, {"SLIPWAY_BUMP": "major"})
    assert same == {"slipway:bump": "major"}


def test_what_only_commands_say_is_no_configuration() -> None:
    said = Wishes.of({"SLIPWAY_RELEASE": "api", "SLIPWAY_HOLD": ""})
    assert (said.release, said.hold) == ("api", None)
