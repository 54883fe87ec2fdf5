"""Build secrets: by reference, only those that the Dockerfile mounts, and never shown."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from clients.builder_choice import BuildError
from clients.builder_progress import Progress
from clients.builder_secrets import mounted, secrets_of

DOCKERFILE = """FROM scratch
RUN --mount=type=secret,id=npm,required=true --mount=type=cache,target=/c,id=cache \\
    --mount=type=secret,target=/run/pip.conf true
RUN --mount=id=env,env=TOKEN,type=secret true
"""


def test_the_ids_are_those_of_secret_mounts_alone() -> None:
    assert mounted(DOCKERFILE) == {"npm", "pip.conf", "env"}


def test_only_mounted_secrets_are_handed_over_and_no_value_is_in_argv(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("value-of-npm\n")
    declared = {"npm": "file:token", "env": "env:TOKEN", "other": "env:NOT_SET"}
    found = secrets_of("app", declared, DOCKERFILE, tmp_path, {"TOKEN": "value-of-token"})
    assert found.arguments == (
        "--secret=id=env,env=TOKEN",
        f"--secret=id=npm,src={tmp_path / 'token'}",
    )
    assert found.values == ("value-of-npm", "value-of-token")


@pytest.mark.parametrize(
    ("source", "said"), [("env:NOT_SET", "no NOT_SET"), ("file:nowhere", "nowhere can't be read")]
)
def test_a_mounted_secret_that_is_not_there_is_refused(
    source: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(BuildError, match=said):
        secrets_of("app", {"npm": source}, DOCKERFILE, tmp_path, {})


@pytest.mark.fault(36, "a build step prints its secret")
def test_a_value_that_a_step_prints_is_shown_as_stars_live_and_in_the_report() -> None:
    shown: list[str] = []
    progress = Progress(shown.append, ["value-of-npm", "value-of-npm-and-more"])
    line = base64.b64encode(b"the token is value-of-npm-and-more, value-of-npm!\n").decode()
    progress.line(json.dumps({"logs": [{"vertex": "v", "data": line}]}))
    progress.line("ERROR: value-of-npm was refused")
    assert shown == ["the token is ***, ***!"]
    assert progress.report() == "the token is ***, ***!\nERROR: *** was refused"
