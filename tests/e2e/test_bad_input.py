"""Bad input: one message that names key, value and what is allowed, and nothing is changed."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.estate import PROJECT, Estate, Ran
from tests.ports import free_port

STACK = "bad"
SCREEN = 50


@pytest.fixture
def monorepo(estate: Estate, tmp_path: Path) -> Iterator[Path]:
    """A checkout of its own, so that nothing bad stays behind."""
    top = estate.checkout(tmp_path / "monorepo")
    yield top
    estate.run("pulumi", "stack", "rm", STACK, "--yes", "--force", cwd=top / "deploy")


def refused(estate: Estate, top: Path, *words: str, command: str = "up", **changed: Any) -> str:
    """What `pulumi up` of a stack with these keys said; it must have failed and done nothing."""
    estate.write_stack(top, STACK, **changed)
    before = estate.counters()
    ran = getattr(estate, command)(*words, stack=STACK, cwd=top / "deploy")
    after = estate.counters()
    text: str = ran.refused()
    for name in ("builds", "registry_writes", "ssm_commands", "s3_writes", "api_writes"):
        assert after[name] == before[name], f"{name} after a refused update:\n{text}"
    assert len(text.splitlines()) <= SCREEN, text
    return text


def test_a_misspelt_key_is_named_with_the_right_one(estate: Estate, monorepo: Path) -> None:
    text = refused(estate, monorepo, rots=["services"])
    assert "slipway:rots" in text
    assert "did you mean 'roots'" in text


def test_an_unknown_target_is_named_with_the_known_ones(estate: Estate, monorepo: Path) -> None:
    text = refused(estate, monorepo, services={"book-shop": {"target": "lamda", "port": 1}})
    assert "slipway:services.book-shop.target: 'lamda'" in text
    assert "allowed: 'host'" in text


def test_a_service_without_image_is_named_with_the_images(estate: Estate, monorepo: Path) -> None:
    text = refused(estate, monorepo, services={"web": {"target": "host", "port": 1}})
    assert "there is no image 'web'" in text
    assert "atta, book-shop" in text


def test_an_illegal_image_name_is_named(estate: Estate, monorepo: Path) -> None:
    (monorepo / "services/book-shop").rename(monorepo / "services/Book Shop")
    assert "'Book Shop' is not a name that a registry takes" in refused(estate, monorepo)


def test_two_images_with_one_name_are_both_named(estate: Estate, monorepo: Path) -> None:
    shutil.copytree(monorepo / "services/atta", monorepo / "services/more/atta")
    text = refused(estate, monorepo)
    assert "services/more/atta" in text
    assert "a second image named 'atta'" in text


def test_a_missing_dockerfile_is_a_missing_image(estate: Estate, monorepo: Path) -> None:
    (monorepo / "services/book-shop/Dockerfile").unlink()
    text = refused(estate, monorepo)
    assert "there is no image 'book-shop'" in text
    assert "Dockerfile" in text


def test_a_folder_outside_of_git_is_refused(estate: Estate, monorepo: Path) -> None:
    shutil.rmtree(monorepo / ".git")
    assert "is not in a git repository" in refused(estate, monorepo)


def test_a_dirty_input_is_refused_by_a_protected_stack(estate: Estate, monorepo: Path) -> None:
    (monorepo / "services/book-shop/app.py").write_text("print('half done')\n")
    text = refused(estate, monorepo, "-c", "version=v1.2.0", protected=True)
    assert "services/book-shop/app.py" in text
    assert "commit, stash or remove" in text


def test_a_missing_version_is_refused_by_a_protected_stack(estate: Estate, monorepo: Path) -> None:
    text = refused(estate, monorepo, protected=True, release={"names": ["{version}"]})
    assert "-c version=v1.2.0" in text


def test_a_wrong_account_is_refused_by_number(estate: Estate, monorepo: Path) -> None:
    text = refused(estate, monorepo, account="210987654321")
    assert "210987654321" in text
    assert "123456789012" in text


def test_a_registry_that_is_down_is_named(estate: Estate, monorepo: Path) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    text = refused(
        estate,
        monorepo,
        command="preview",
        registry={"kind": nobody, "create": False},
        services=None,
        host=None,
    )
    assert nobody in text


def test_a_missing_passphrase_is_named(estate: Estate, monorepo: Path) -> None:
    estate.write_stack(monorepo, STACK)
    environment = {k: v for k, v in estate.environment.items() if "PASSPHRASE" not in k}
    argv = ["pulumi", "stack", "select", "--create", STACK, "--non-interactive"]
    done = subprocess.run(
        argv, cwd=monorepo / "deploy", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "PULUMI_CONFIG_PASSPHRASE" in done.stderr


def local_cloud(estate: Estate, tmp_path: Path, **environment: str) -> Ran:
    settled = {"SLIPWAY_STATE": str(tmp_path / "state"), **environment}
    return estate.run(sys.executable, "-m", "localcloud", "up", cwd=PROJECT, **settled)


def test_an_occupied_port_is_named_with_the_way_to_another(estate: Estate, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as occupant:
        port = str(occupant.getsockname()[1])
        text = local_cloud(estate, tmp_path, SLIPWAY_CLOUD_PORT=port).refused()
    assert port in text
    assert "SLIPWAY_CLOUD_PORT" in text


def test_a_missing_docker_engine_is_named(estate: Estate, tmp_path: Path) -> None:
    text = local_cloud(
        estate,
        tmp_path,
        DOCKER_HOST=f"unix://{tmp_path}/nobody.sock",
        SLIPWAY_CLOUD_PORT=str(free_port()),
        SLIPWAY_REGISTRY_PORT=str(free_port()),
    ).refused()
    assert "Docker" in text


def test_a_refused_update_leaves_nothing_in_the_state(estate: Estate, monorepo: Path) -> None:
    refused(estate, monorepo, rots=["services"])
    argv = ("stack", "export", "--stack", STACK)
    document = json.loads(estate.pulumi(*argv, cwd=monorepo / "deploy").ok())
    types = {each["type"] for each in document["deployment"].get("resources", [])}
    # Plugins are started before the stack file is read, and the engine takes them down.
    assert types <= {"pulumi:pulumi:Stack", "pulumi:providers:aws", "pulumi:providers:pulumi"}
