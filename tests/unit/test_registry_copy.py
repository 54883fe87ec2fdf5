"""Copies between two real registries, and within one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clients.registry import Manifest, NameTakenError, Registry, RegistryError
from clients.registry_auth import Keychain
from clients.registry_copy import copy_image, promote_image
from clients.registry_http import RegistryHttp, Tally
from tests.fakes.registry import (
    LAYER,
    OCI,
    described,
    docker_registry,
    push_blob,
    push_image,
    push_index,
    push_manifest,
    push_platforms,
)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[str, Path]]]:
    """Two registries: host and storage folder."""
    one, two = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    with docker_registry(one) as first, docker_registry(two) as second:
        yield [(first, one), (second, two)]


@pytest.fixture
def path(request: pytest.FixtureRequest) -> str:
    return hashlib.sha256(request.node.name.encode()).hexdigest()[:12]


@pytest.fixture
def source(stores: list[tuple[str, Path]], path: str, no_login: None) -> Registry:
    return Registry(f"{stores[0][0]}/dev/{path}", Keychain())


@pytest.fixture
def beside(source: Registry, path: str) -> Registry:
    """Another repository of the same registry."""
    return Registry(f"{source.host}/prod/{path}", source.keychain, source.http)


@pytest.fixture
def elsewhere(stores: list[tuple[str, Path]], path: str, no_login: None) -> Registry:
    """A repository of another registry."""
    return Registry(f"{stores[1][0]}/prod/{path}", Keychain())


@pytest.fixture
def no_login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


def same(source: Registry, target: Registry, digest: str) -> None:
    """Everything that an image names is in the target, byte by byte."""
    made = source.get(digest)
    assert target.get(digest).body == made.body
    document = json.loads(made.body)
    for child in document.get("manifests", []):
        same(source, target, child["digest"])
    for blob in [*filter(None, [document.get("config")]), *document.get("layers", [])]:
        answer = target.http.send("GET", f"/v2/{target.path}/blobs/{blob['digest']}", target.path)
        assert "sha256:" + hashlib.sha256(answer.content).hexdigest() == blob["digest"]


def test_within_one_repository_nothing_is_copied(source: Registry) -> None:
    made = push_image(source, "one")
    assert copy_image(source, source, made.digest).requests == 0


def test_a_neighbour_gets_every_blob_mounted_and_none_copied(
    source: Registry, beside: Registry
) -> None:
    made = push_image(source, "one", layers=8)
    done = copy_image(source, beside, made.digest)
    assert (done.digest, done.mounted, done.copied, done.copied_bytes) == (made.digest, 9, 0, 0)
    same(source, beside, made.digest)


def test_all_platforms_and_their_attestations_go_to_another_registry(
    source: Registry, elsewhere: Registry
) -> None:
    made = push_platforms(source, "app")
    done = copy_image(source, elsewhere, made.digest)
    assert done.mounted == 0
    assert done.copied == 10  # two configs and four layers, two and two of the attestations
    same(source, elsewhere, made.digest)


def test_a_blob_that_is_shared_goes_once(source: Registry, elsewhere: Registry) -> None:
    config = push_blob(source, b"{}", "application/vnd.oci.image.config.v1+json")
    layers = [push_blob(source, b"shared")] * 3
    one = push_manifest(source, {"config": config, "layers": layers}, OCI)
    two = push_manifest(source, {"config": config, "layers": layers[:1]}, OCI)
    index = push_index(source, described(one), described(two))
    done = copy_image(source, elsewhere, index.digest)
    assert (done.copied, done.copied_bytes) == (2, len(b"{}shared"))


def test_a_second_copy_sends_no_blob(source: Registry, elsewhere: Registry) -> None:
    made = push_platforms(source, "app")
    copy_image(source, elsewhere, made.digest)
    again = copy_image(source, elsewhere, made.digest)
    assert (again.mounted, again.copied) == (0, 0)
    # It looks whether the image is there, reads it, and asks for referrers and cosign's tags.
    assert again.requests == 7


@pytest.mark.fault(1, "a promotion breaks off between layers")
def test_a_copy_that_broke_off_is_finished_by_the_next(
    source: Registry, elsewhere: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = push_platforms(source, "app")
    put = Registry.put

    def broken(self: Registry, manifest: Manifest, name: str) -> str | None:
        if manifest.digest == made.digest:
            raise RegistryError("the line is cut")
        return put(self, manifest, name)

    monkeypatch.setattr(Registry, "put", broken)
    with pytest.raises(RegistryError, match="the line is cut"):
        copy_image(source, elsewhere, made.digest)
    monkeypatch.setattr(Registry, "put", put)
    assert elsewhere.head(made.digest) is None
    assert copy_image(source, elsewhere, made.digest).copied == 0
    same(source, elsewhere, made.digest)


def test_an_empty_and_a_large_blob_arrive(source: Registry, elsewhere: Registry) -> None:
    layers = [push_blob(source, b""), push_blob(source, bytes(range(256)) * 20_000)]
    config = push_blob(source, b"{}")
    made = push_manifest(source, {"config": config, "layers": layers}, OCI)
    copy_image(source, elsewhere, made.digest)
    same(source, elsewhere, made.digest)


def test_a_damaged_blob_is_refused_and_the_image_is_not_there(
    stores: list[tuple[str, Path]], source: Registry, elsewhere: Registry
) -> None:
    layer = push_blob(source, b"damaged on disk")
    made = push_manifest(source, {"config": push_blob(source, b"{}"), "layers": [layer]}, OCI)
    hexed = layer["digest"][7:]
    (file,) = stores[0][1].rglob(f"{hexed}/data")
    file.write_bytes(b"damaged on dusk")
    with pytest.raises(RegistryError, match=f"blob {layer['digest']} is damaged: its bytes are"):
        copy_image(source, elsewhere, made.digest)
    assert elsewhere.head(made.digest) is None


def test_a_layer_that_lies_elsewhere_stays_there(source: Registry, elsewhere: Registry) -> None:
    foreign = {
        "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "digest": "sha256:" + "a" * 64,
        "size": 10,
        "urls": ["https://example.com/layer"],
    }
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    config = push_blob(source, b"{}", "application/vnd.docker.container.image.v1+json")
    made = push_manifest(source, {"config": config, "layers": [foreign]}, kind)
    lines: list[str] = []
    done = copy_image(source, elsewhere, made.digest, lines.append)
    assert done.copied == 1
    assert "1 layers lie elsewhere and are not copied" in lines


def test_what_refers_to_an_image_goes_along_also_in_turn(
    source: Registry, elsewhere: Registry
) -> None:
    made = push_image(source, "app")
    sbom = push_image(source, "sbom", layers=1, subject=described(made))
    signed = push_image(source, "signature of the sbom", layers=1, subject=described(sbom))
    push_index(source, described(sbom), name=made.digest.replace(":", "-"))
    push_index(source, described(signed), name=sbom.digest.replace(":", "-"))
    copy_image(source, elsewhere, made.digest)
    for digest in (made.digest, sbom.digest, signed.digest):
        same(source, elsewhere, digest)
    for subject in (made, sbom):
        tag = subject.digest.replace(":", "-")
        assert elsewhere.head(tag) == source.head(tag)


def test_what_hangs_on_the_target_already_stays(source: Registry, elsewhere: Registry) -> None:
    made = push_image(source, "app")
    copy_image(source, elsewhere, made.digest)
    tag = made.digest.replace(":", "-")
    ours = push_image(source, "ours", layers=1, subject=described(made))
    push_index(source, described(ours), name=tag)
    theirs = push_image(elsewhere, "theirs", layers=1, subject=described(made))
    push_index(elsewhere, described(theirs), name=tag)
    copy_image(source, elsewhere, made.digest)
    found = {each["digest"] for each in json.loads(elsewhere.get(tag).body)["manifests"]}
    assert found == {ours.digest, theirs.digest}


def test_the_tags_of_cosign_go_along_and_are_never_moved(
    source: Registry, elsewhere: Registry
) -> None:
    made = push_image(source, "app")
    tag = made.digest.replace(":", "-") + ".sig"
    first = push_image(source, "signed once", tag, layers=1)
    copy_image(source, elsewhere, made.digest)
    assert elsewhere.head(tag) == first.digest
    push_image(source, "signed again", tag, layers=1)
    lines: list[str] = []
    copy_image(source, elsewhere, made.digest, lines.append)
    assert elsewhere.head(tag) == first.digest
    assert any(f"{tag} names other signatures" in line for line in lines)


def test_an_index_nested_too_deep_is_refused(source: Registry, elsewhere: Registry) -> None:
    made = push_image(source, "app")
    for _ in range(4):
        made = push_index(source, described(made))
    copy_image(source, elsewhere, made.digest)
    made = push_index(source, described(made))
    with pytest.raises(RegistryError, match="nested more than 4 levels"):
        copy_image(source, elsewhere, made.digest)


def test_an_image_of_too_many_parts_is_refused(source: Registry, elsewhere: Registry) -> None:
    foreign: dict[str, Any] = {"mediaType": LAYER, "size": 1, "urls": ["https://example.com/"]}
    kind = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    layers = [{**foreign, "mediaType": kind, "digest": f"sha256:{n:064x}"} for n in range(1000)]
    config = push_blob(source, b"{}")
    made = push_manifest(source, {"config": config, "layers": layers}, OCI)
    with pytest.raises(RegistryError, match="names 1002 manifests and blobs; allowed: 1000"):
        copy_image(source, elsewhere, made.digest)


def test_a_child_of_another_size_is_refused(source: Registry, elsewhere: Registry) -> None:
    made = push_image(source, "app")
    index = push_index(source, {**described(made), "size": 7})
    with pytest.raises(RegistryError, match="what names it says 7; the image is damaged or forged"):
        copy_image(source, elsewhere, index.digest)


def test_a_layer_of_another_size_is_refused(source: Registry, elsewhere: Registry) -> None:
    layer = {**push_blob(source, b"text"), "size": 5}
    made = push_manifest(source, {"config": push_blob(source, b"{}"), "layers": [layer]}, OCI)
    with pytest.raises(RegistryError, match="it has 4 bytes there and 5 in the manifest"):
        copy_image(source, elsewhere, made.digest)


def test_a_layer_of_two_sizes_is_refused(source: Registry, elsewhere: Registry) -> None:
    config, layer = push_blob(source, b"{}"), push_blob(source, b"text")
    one = push_manifest(source, {"config": config, "layers": [layer]}, OCI)
    two = push_manifest(source, {"config": config, "layers": [{**layer, "size": 9}]}, OCI)
    index = push_index(source, described(one), described(two))
    with pytest.raises(RegistryError, match="has 4 bytes in one manifest and 9 in another"):
        copy_image(source, elsewhere, index.digest)


def test_attachments_in_a_circle_are_copied_once(source: Registry, elsewhere: Registry) -> None:
    made = push_image(source, "app")
    sbom = push_image(source, "sbom", layers=1, subject=described(made))
    push_index(source, described(sbom), name=made.digest.replace(":", "-"))
    push_index(source, described(made), name=sbom.digest.replace(":", "-"))
    assert copy_image(source, elsewhere, made.digest).copied == 5
    for each in (made, sbom):
        tag = each.digest.replace(":", "-")
        assert elsewhere.head(tag) == source.head(tag)


def test_a_promotion_in_one_repository_is_a_look_a_read_and_a_write(source: Registry) -> None:
    made = push_image(source, "app", "src-1", layers=8)
    done = promote_image(source, source, made.digest, ["v1.2.0"])
    assert done.written == ("v1.2.0",)
    assert done.copied.requests == 3
    assert source.head("v1.2.0") == made.digest
    again = promote_image(source, source, made.digest, ["v1.2.0"])
    assert (again.written, again.copied.requests) == ((), 1)


def test_a_promotion_into_a_neighbour_names_what_it_mounted(
    source: Registry, beside: Registry
) -> None:
    made = push_image(source, "app", layers=8)
    done = promote_image(source, beside, made.digest, ["v1.2.0"], ["latest"])
    assert done.written == ("v1.2.0", "latest")
    assert beside.head("v1.2.0") == beside.head("latest") == made.digest
    assert (done.copied.mounted, done.copied.copied_bytes) == (9, 0)


def test_a_name_that_is_taken_is_refused_before_anything_is_copied(
    source: Registry, elsewhere: Registry
) -> None:
    taken = push_image(elsewhere, "other", "v1.2.0")
    made = push_image(source, "app")
    with pytest.raises(NameTakenError, match=taken.digest):
        promote_image(source, elsewhere, made.digest, ["v1.1.0", "v1.2.0"])
    assert elsewhere.head(made.digest) is None
    assert elsewhere.head("v1.1.0") is None


def test_the_requests_of_one_copy_are_counted_apart(source: Registry) -> None:
    made = push_image(source, "app")
    tally = Tally()
    view = source.counted(tally)
    view.head(made.digest)
    source.head(made.digest)
    assert tally.requests == 1
    assert isinstance(source.http, RegistryHttp)
    assert source.http.tally.requests > 1
