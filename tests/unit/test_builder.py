"""What buildx is called with, and how a build ends; buildx itself is a script here."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from clients.builder import Builder, BuildRequest
from clients.builder_choice import BuildError
from clients.builder_context import ContextSource
from clients.git import Checkout, checkout, read_tree
from clients.registry_auth import Credentials, Keychain
from tests.unit.test_builder_context import repository

DIGEST = "sha256:" + "d" * 64
CANARY = "canary-password"

BUILDX = """#!/bin/sh
log="$BUILDX_LOG"
case "$1" in
  inspect) echo "inspect $2" >> "$log/asked"
    if [ -e "$log/known-$2" ]; then
      printf 'Name: %s\\nDriver: %s\\n' "$2" "$(cat "$log/known-$2")"
      exit 0
    fi
    echo "ERROR: no builder \\"$2\\" found" >&2; exit 1 ;;
  create) echo "$*" >> "$log/asked"; echo docker-container > "$log/known-slipway"; exit 0 ;;
esac
printf '%s\\n' "$@" > "$log/argv"
ls -ld "$DOCKER_CONFIG" | cut -c1-10 > "$log/mode"
echo "$DOCKER_CONFIG" > "$log/folder"
cp "$DOCKER_CONFIG/config.json" "$log/config.json"
cat > "$log/context.tar"
. "$log/do"
"""


class EcrKeychain(Keychain):
    def ecr_region(self, host: str) -> str | None:
        return "eu-west-1"

    def credentials(self, host: str) -> Credentials:
        return Credentials("AWS", CANARY, from_ecr=True)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the script notes what it was called with; `do` is what it then does."""
    folder, programs = tmp_path / "log", tmp_path / "bin"
    folder.mkdir()
    programs.mkdir()
    (programs / "docker-buildx").write_text(BUILDX)
    (programs / "docker-buildx").chmod(0o755)
    (tmp_path / "docker").mkdir()
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("BUILDX_LOG", str(folder))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.delenv("BUILDX_BUILDER", raising=False)
    metadata = json.dumps({"containerimage.digest": DIGEST})
    (folder / "do").write_text(
        'for word in "$@"; do case "$word" in --metadata-file=*) '
        f"printf '%s' '{metadata}' > \"${{word#*=}}\" ;; esac; done\n"
    )
    (folder / "known-mine").write_text("remote")
    return folder


@pytest.fixture
def at(tmp_path: Path) -> Checkout:
    return checkout(repository(tmp_path / "work", {"app/Dockerfile": "FROM scratch\n"}))


def build(
    at: Checkout,
    *,
    builder: str | None = "mine",
    keychain: Keychain | None = None,
    cancelled: threading.Event | None = None,
    **more: object,
) -> tuple[str, list[str]]:
    source = ContextSource(tree=read_tree(at).tree, context="app", dockerfile="app/Dockerfile")
    request = BuildRequest(image="app", repository="127.0.0.1:4510/dev/app", source=source, **more)  # type: ignore[arg-type]
    shown: list[str] = []
    digest = Builder(keychain or Keychain(), builder).build(
        at, request, shown.append, cancelled or threading.Event()
    )
    return digest, shown


def test_a_build_is_pushed_by_digest_without_a_name(log: Path, at: Checkout) -> None:
    assert build(at, build_args={"A": "1"}, platforms=("linux/amd64", "linux/arm64"))[0] == DIGEST
    argv = (log / "argv").read_text().splitlines()
    assert argv[:2] == ["build", "--builder=mine"]
    assert argv[-1] == "-"
    assert (
        "--output=type=image,name=127.0.0.1:4510/dev/app,push=true,push-by-digest=true,"
        "name-canonical=true,oci-mediatypes=true,rewrite-timestamp=true"
    ) in argv
    assert {"--build-arg=A=1", "--build-arg=SOURCE_DATE_EPOCH=315532800"} <= set(argv)
    assert "--platform=linux/amd64,linux/arm64" in argv
    assert {"--provenance=false", "--sbom=false"} <= set(argv)
    assert not [word for word in argv if word.startswith(("--tag", "-t"))]


def test_attestations_are_asked_for_when_wanted(log: Path, at: Checkout) -> None:
    build(at, attest=True)
    argv = (log / "argv").read_text().splitlines()
    assert {"--provenance=mode=max", "--sbom=false"} <= set(argv)
    scanner = f"scanners.example.com/scan@{DIGEST}"
    build(at, attest=True, sbom=scanner)
    assert f"--sbom=generator={scanner}" in (log / "argv").read_text().splitlines()


def test_a_login_is_in_a_private_folder_for_the_build_only_and_never_in_argv(
    log: Path, at: Checkout, tmp_path: Path
) -> None:
    own = {"auths": {"other.example": {"auth": "eDp5"}}, "credsStore": "desktop"}
    (tmp_path / "docker" / "config.json").write_text(json.dumps(own))
    build(at, keychain=EcrKeychain())
    assert CANARY not in (log / "argv").read_text()
    assert (log / "mode").read_text().strip() == "drwx------"
    config = json.loads((log / "config.json").read_text())
    assert set(config["auths"]) == {"other.example", "127.0.0.1:4510"}
    assert config["credsStore"] == "desktop"
    assert config["credHelpers"] == {"127.0.0.1:4510": ""}
    assert not Path((log / "folder").read_text().strip()).exists()
    assert json.loads((tmp_path / "docker" / "config.json").read_text()) == own


def test_the_login_folder_goes_when_the_build_fails(log: Path, at: Checkout) -> None:
    (log / "do").write_text("exit 1\n")
    with pytest.raises(BuildError):
        build(at, keychain=EcrKeychain())
    assert not Path((log / "folder").read_text().strip()).exists()


def test_docker_s_default_driver_is_refused(log: Path, at: Checkout) -> None:
    (log / "known-default").write_text("docker")
    with pytest.raises(BuildError, match="Docker's default driver"):
        build(at, builder="default")
    assert not (log / "argv").exists()


def test_an_unknown_builder_is_named(log: Path, at: Checkout) -> None:
    with pytest.raises(BuildError, match="the builder 'nobody' can't be used"):
        build(at, builder="nobody")


def test_the_environment_s_builder_is_taken_when_none_is_configured(
    log: Path, at: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDX_BUILDER", "mine")
    build(at, builder=None)
    assert "--builder=mine" in (log / "argv").read_text()


def test_a_builder_of_ours_is_made_when_there_is_none(log: Path, at: Checkout) -> None:
    build(at, builder=None)
    asked = (log / "asked").read_text()
    assert "create --name=slipway --driver=docker-container --driver-opt=network=host" in asked
    assert "--builder=slipway" in (log / "argv").read_text()


def test_a_digest_that_buildx_does_not_name_is_an_error(log: Path, at: Checkout) -> None:
    (log / "do").write_text("exit 0\n")
    with pytest.raises(BuildError, match="did not say which digest"):
        build(at)


def test_a_build_that_is_only_tried_is_pushed_nowhere_and_needs_no_login(
    log: Path, at: Checkout
) -> None:
    source = ContextSource(tree=read_tree(at).tree, context="app", dockerfile="app/Dockerfile")
    request = BuildRequest(image="app", repository=None, source=source)
    built = Builder(EcrKeychain(), "mine").build(at, request, print, threading.Event())
    assert built == ""
    argv = (log / "argv").read_text().splitlines()
    assert "--output=type=cacheonly" in argv
    assert "push" not in " ".join(argv)
    assert CANARY not in (log / "config.json").read_text()
