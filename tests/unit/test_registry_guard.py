"""Names in registries that would let two writers have the same one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clients.registry import Manifest, NameTakenError, Registry
from clients.registry_auth import Keychain
from clients.registry_tags import give_names, name_manifest
from tests.fakes.registry import docker_registry, push_image


class Claims:
    """What a bucket's conditional write does."""

    def __init__(self) -> None:
        self.owners: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def __call__(self, repository: str, name: str, digest: str) -> str:
        with self._lock:
            return self.owners.setdefault((repository, name), digest)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with docker_registry(tmp_path_factory.mktemp("registry")) as address:
        yield address


@pytest.fixture
def registry(host: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Registry:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return Registry(f"{host}/t/guard", Keychain())


def test_of_two_that_race_for_a_name_one_gets_it_and_it_stays(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = [push_image(registry, text) for text in ("one", "two")]
    claims, gate = Claims(), threading.Barrier(2)
    given: list[tuple[str, str]] = []
    get, put = Registry.get, Registry.put

    def get_together(self: Registry, reference: str) -> Manifest:
        gate.wait(10)  # both have seen by now that the name is free
        return get(self, reference)

    def note(self: Registry, manifest: Manifest, name: str) -> str | None:
        given.append((name, manifest.digest))
        return put(self, manifest, name)

    monkeypatch.setattr(Registry, "get", get_together)
    monkeypatch.setattr(Registry, "put", note)

    def give(digest: str, name: str) -> str:
        try:
            give_names(registry, digest, [name], guarded=claims)
        except NameTakenError as error:
            return error.found
        return digest

    with ThreadPoolExecutor(2) as pool:
        for number in range(10):
            name = f"v1.{number}.0"
            ends = set(pool.map(lambda each, name=name: give(each.digest, name), contents))
            assert len(ends) == 1
            assert registry.head(name) == ends.pop()
    assert len(given) == len({name for name, _ in given}) == 10


def test_the_one_that_claimed_a_name_may_come_back_and_finish(registry: Registry) -> None:
    first, second = push_image(registry, "one"), push_image(registry, "two")
    claims = Claims()
    claims(registry.repository, "v2.0.0", first.digest)
    with pytest.raises(NameTakenError, match=first.digest):
        give_names(registry, second.digest, ["v2.0.0"], guarded=claims)
    assert registry.head("v2.0.0") is None
    assert give_names(registry, first.digest, ["v2.0.0"], guarded=claims) == ["v2.0.0"]


def test_a_name_that_may_move_is_not_claimed(registry: Registry) -> None:
    claims = Claims()
    made = push_image(registry, "one")
    assert give_names(registry, made.digest, [], ["latest"], claims) == ["latest"]
    assert claims.owners == {}


def test_private_ecr_guards_its_names_itself(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry.keychain, "ecr_region", lambda host: "eu-west-1")
    claims = Claims()
    name_manifest(registry, push_image(registry, "one"), "v3.0.0", claims)
    assert claims.owners == {}
