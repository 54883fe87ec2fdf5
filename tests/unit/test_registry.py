"""The registry client against Debian's real docker-registry on a free port of this machine."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from clients.registry import Manifest, NameTakenError, Registry, RegistryError
from clients.registry_auth import Keychain
from clients.registry_names import base_url
from clients.registry_tags import claim, give_names, names_of
from tests.fakes.registry import docker_registry
from tests.ports import free_port

OCI = "application/vnd.oci.image.manifest.v1+json"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a registry of its own."""
    with docker_registry(tmp_path_factory.mktemp("registry")) as address:
        yield address


@pytest.fixture
def no_login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


@pytest.fixture
def registry(host: str, request: pytest.FixtureRequest, no_login: None) -> Registry:
    path = hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    return Registry(f"{host}/t/{path}", Keychain())


def push(registry: Registry, content: str, media_type: str = OCI) -> Manifest:
    """An image of one empty layer whose configuration holds `content`, pushed without a name."""

    def blob(body: bytes) -> dict[str, Any]:
        digest = "sha256:" + hashlib.sha256(body).hexdigest()
        url = base_url(registry.host) + f"/v2/{registry.path}/blobs/uploads/"
        place = requests.post(url, timeout=5).headers["Location"]
        done = requests.put(place, params={"digest": digest}, data=body, timeout=5)
        assert done.status_code == 201
        kind = "application/vnd.oci.image.config.v1+json"
        return {"mediaType": kind, "digest": digest, "size": len(body)}

    config = blob(json.dumps({"config": {"Labels": {"content": content}}}).encode())
    document = {"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": []}
    body = json.dumps(document).encode()
    manifest = Manifest(body, media_type, "sha256:" + hashlib.sha256(body).hexdigest())
    registry.put(manifest, manifest.digest)
    return manifest


def test_an_unknown_tag_or_repository_has_no_digest(registry: Registry) -> None:
    assert registry.head("src-1") is None
    assert registry.tags() == []
    with pytest.raises(RegistryError, match="there is no src-1"):
        registry.get("src-1")


@pytest.mark.parametrize("media_type", [OCI, DOCKER])
def test_a_manifest_keeps_its_digest_under_a_new_name(registry: Registry, media_type: str) -> None:
    made = push(registry, "one", media_type)
    assert give_names(registry, made.digest, ["abc", "v1"]) == ["abc", "v1"]
    assert registry.head("v1") == registry.head("abc") == made.digest
    assert registry.get("v1") == made


@pytest.mark.fault(4, "the tag is there with the same digest")
def test_a_name_that_is_there_already_is_not_written_again(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = push(registry, "one")
    give_names(registry, made.digest, ["v1"])

    def refuse(manifest: Manifest, name: str) -> None:
        raise AssertionError(f"{name} was written")

    monkeypatch.setattr(registry, "put", refuse)
    assert give_names(registry, made.digest, ["v1"], movable=["v1"]) == []


@pytest.mark.fault(5, "the tag is there with another digest")
def test_a_release_name_is_never_moved_and_nothing_else_is_written_then(
    registry: Registry,
) -> None:
    first, second = push(registry, "one"), push(registry, "two")
    give_names(registry, first.digest, ["v1"])
    with pytest.raises(NameTakenError) as error:
        give_names(registry, second.digest, ["new", "v1"], movable=["latest"])
    assert first.digest in str(error.value)
    assert second.digest in str(error.value)
    assert registry.head("v1") == first.digest
    assert registry.head("new") is None
    assert registry.head("latest") is None


def test_latest_moves(registry: Registry) -> None:
    first, second = push(registry, "one"), push(registry, "two")
    give_names(registry, first.digest, [], movable=["latest"])
    assert give_names(registry, second.digest, [], movable=["latest"]) == ["latest"]
    assert registry.head("latest") == second.digest


def test_the_first_to_claim_a_content_key_keeps_it(registry: Registry) -> None:
    first, second = push(registry, "one"), push(registry, "two")
    assert claim(registry, first.digest, "src-1") == first.digest
    assert claim(registry, second.digest, "src-1") == first.digest
    assert registry.head("src-1") == first.digest


@pytest.mark.fault(5, "somebody takes the tag between look and write")
def test_a_claim_lost_between_look_and_write_takes_the_winner(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = push(registry, "one"), push(registry, "two")
    put = registry.put

    def beaten(manifest: Manifest, name: str) -> None:
        put(first, name)
        raise RegistryError("TAG_INVALID: the tag is immutable", "TAG_INVALID", 400)

    monkeypatch.setattr(registry, "put", beaten)
    assert claim(registry, second.digest, "src-1") == first.digest


def test_the_names_of_an_image_are_found_without_its_content_key(registry: Registry) -> None:
    first, second = push(registry, "one"), push(registry, "two")
    give_names(registry, first.digest, ["src-1", "abc", "v1"])
    give_names(registry, second.digest, ["src-2", "def"])
    assert names_of(registry, first.digest) == ["abc", "v1"]


def test_a_registry_that_is_down_is_named_in_one_line(no_login: None) -> None:
    address = f"127.0.0.1:{free_port()}"
    began = time.monotonic()
    with pytest.raises(RegistryError) as error:
        Registry(f"{address}/a", Keychain()).head("x")
    assert str(error.value) == (
        f"registry {address} does not answer: Connection refused; is it running, and is the "
        "name right?"
    )
    assert time.monotonic() - began < 5
