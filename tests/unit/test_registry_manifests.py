"""Manifests as an enemy or a stranger would write them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from clients.registry import Manifest, RegistryError
from clients.registry_manifests import contents

KIND = "application/vnd.oci.image.manifest.v1+json"
DIGEST = "sha256:" + "a" * 64
GOOD = {"mediaType": "x", "digest": DIGEST, "size": 1}


def read(document: Any, kind: str = KIND) -> Any:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return contents(Manifest(body, kind, DIGEST), "host/app@sha256:0")


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"\xff", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b'{"config": ' + b"9" * 5000 + b"}", "it is not JSON"),
        ([], f"nobody here knows how to copy {KIND}"),
        ({}, f"nobody here knows how to copy {KIND}"),
        ({"layers": {}}, "its layers has {} where a list belongs"),
        ({"layers": ["x"]}, "its layers has 'x' where a descriptor belongs"),
        ({"layers": [{**GOOD, "digest": "sha512:" + "a" * 128}]}, "allowed: sha256:"),
        ({"layers": [{**GOOD, "digest": "sha256:" + "A" * 64}]}, "allowed: sha256:"),
        ({"layers": [{**GOOD, "digest": DIGEST + "\n"}]}, "allowed: sha256:"),
        ({"layers": [{**GOOD, "digest": "../../blobs/x"}]}, "allowed: sha256:"),
        ({"layers": [{**GOOD, "digest": ["a"]}]}, "allowed: sha256:"),
        ({"layers": [{**GOOD, "size": -1}]}, "the size -1"),
        ({"layers": [{**GOOD, "size": True}]}, "the size True"),
        ({"layers": [{**GOOD, "size": "1"}]}, "the size '1'"),
        ({"layers": [], "subject": 5}, "its subject has 5 where a descriptor belongs"),
        ({"layers": [], "extras": [GOOD]}, "names content under 'extras', which is not known"),
        ({"layers": [], "extra": GOOD}, "names content under 'extra', which is not known"),
    ],
)
def test_a_hostile_manifest_is_refused_in_one_message(document: Any, why: str) -> None:
    with pytest.raises(RegistryError) as error:
        read(document)
    assert str(error.value).startswith("host/app@sha256:0 cannot be copied: ")
    assert why in str(error.value)
    assert len(str(error.value)) < 400


def test_a_signed_manifest_of_old_is_refused_by_its_name() -> None:
    old = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    with pytest.raises(RegistryError, match=re.escape(f"how to copy {old}")):
        read({"schemaVersion": 1, "fsLayers": [{"blobSum": DIGEST}]}, old)


def test_an_unknown_kind_of_a_known_form_is_read_by_its_form() -> None:
    other = {**GOOD, "digest": "sha256:" + "b" * 64}
    found = read({"blobs": [GOOD], "subject": other}, "application/vnd.oci.artifact.manifest.v1")
    assert [each.digest for each in found.blobs] == [DIGEST]
    assert found.subject.digest == other["digest"]


def test_layers_in_an_index_are_blobs_as_in_the_cache_of_a_builder() -> None:
    layer = {**GOOD, "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"}
    cache = {**GOOD, "mediaType": "application/vnd.buildkit.cacheconfig.v0"}
    found = read({"manifests": [layer, cache]})
    assert found.children == ()
    assert len(found.blobs) == 2


@pytest.mark.parametrize("annotations", [None, 5, "vnd.docker.reference.digest", []])
def test_annotations_of_no_use_make_no_attestation(annotations: Any) -> None:
    (child,) = read({"manifests": [{**GOOD, "annotations": annotations}]}).children
    assert not child.is_attestation
