"""What registries say: manifests, indexes, configurations, lists, headers, refusals."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from hypothesis import strategies as st

from clients.base_images import reference_of
from clients.image_proof import configurations_of, platforms_of
from clients.image_scans import manifests_of
from clients.registry import Manifest
from clients.registry_attached import ask_attached
from clients.registry_attestations import attestations_of
from clients.registry_blobs import open_upload
from clients.registry_closure import read_closure
from clients.registry_manifests import OCI_INDEX, Contents, contents
from clients.registry_names import is_digest, is_tag, split_repository
from clients.registry_refusals import refusal
from provider.verdict import children_of
from tests.attacks.answers import HOST, answers, as_sent, registry, response
from tests.attacks.corpora import every, json_bytes, near
from tests.attacks.parser import Parser, check_message, check_shown

D1, D2 = ("sha256:" + letter * 64 for letter in "12")
_TYPE = "application/vnd.oci.image.manifest.v1+json"
MANIFEST: dict[str, Any] = {
    "schemaVersion": 2,
    "mediaType": _TYPE,
    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": D1, "size": 2},
    "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": D2, "size": 3}],
    "subject": {"mediaType": _TYPE, "digest": D2, "size": 3},
}
INDEX: dict[str, Any] = {
    "schemaVersion": 2,
    "mediaType": OCI_INDEX,
    "manifests": [
        {"digest": D1, "size": 9, "platform": {"os": "linux", "architecture": "amd64"}},
        {"digest": D2, "size": 9, "annotations": {"vnd.docker.reference.digest": D1}},
    ],
}
CONFIG = {"os": "linux", "architecture": "amd64", "config": {"Env": ["A=1"]}}
PREDICATE = {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v1"}
ATTESTATION = {"layers": [{"digest": D1, "size": 1, "annotations": PREDICATE}]}
REFUSAL = {"errors": [{"code": "DENIED", "message": "no"}]}
BODIES = st.one_of(json_bytes(MANIFEST), json_bytes(INDEX))


def _digest(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def _contents(body: bytes) -> Contents:
    children_of(body)
    return contents(Manifest(body, _TYPE, _digest(body)), f"{HOST}/dev/api@{D1}")


def _are_contents(found: Contents) -> None:
    for each in (*found.children, *found.blobs, *([found.subject] if found.subject else ())):
        assert is_digest(each.digest)
        assert each.size >= 0
        assert isinstance(each.is_attestation, bool)


def _closure(bodies: list[bytes]) -> int:
    """All that belongs to an image of which every part may be hostile."""
    first = json.loads(json.dumps(INDEX))
    first["manifests"] = [{"digest": _digest(each), "size": len(each)} for each in bodies]
    top = json.dumps(first).encode()
    by_name = {_digest(each): each for each in (*bodies, top)}
    made = registry(response(404, {}, b""))
    find = made.find
    made.find = lambda name: (  # type: ignore
        Manifest(by_name[name], _TYPE, name) if name in by_name else find(name)
    )
    with ThreadPoolExecutor(1) as pool:
        found = read_closure(made, _digest(top), pool, lambda: False)
        list(found.rounds(HOST))
    return len(found.manifests)


def _platforms(given: tuple[bytes, bytes]) -> tuple[str, ...]:
    """Of an index, or of a manifest whose configuration is hostile too."""
    body, config = given
    document = {**MANIFEST, "config": {**MANIFEST["config"], "digest": _digest(config)}}
    body = body or json.dumps(document).encode()
    made = registry(response(200, {}, body), response(200, {}, config))
    configurations_of(registry(response(200, {}, body)), _digest(body))
    manifests_of(registry(response(200, {}, body)), _digest(body))
    return platforms_of(made, _digest(body))


def _attestations(body: bytes) -> tuple[str, ...]:
    index = json.loads(json.dumps(INDEX))
    index["manifests"][1]["digest"] = _digest(body)
    top = json.dumps(index).encode()
    return attestations_of(registry(response(200, {}, top), response(200, {}, body)), _digest(top))


def _are_words(words: tuple[str, ...]) -> None:
    for each in words:
        check_shown(each)


def _head(answer: requests.Response) -> str | None:
    return registry(answer).head("v1.2.0")


def _is_digest(found: str | None) -> None:
    assert found is None or is_digest(found)


def _tags(answer: requests.Response) -> list[str]:
    registry(answer).tags(5)
    return registry(answer, response(404, {}, b"")).all_tags()


def _are_tags(found: list[str]) -> None:
    assert all(is_tag(each) for each in found)


def _upload(answer: requests.Response) -> str:
    made = registry(answer)
    place = open_upload(made)
    made.http._place(place)
    return place


def _attached(answer: requests.Response) -> int:
    with ThreadPoolExecutor(1) as pool:
        made = registry(answer, answer, response(404, {}, b""))
        return len(ask_attached(made, D1, pool, cosign=False)().digests)


def _login(given: tuple[str, requests.Response]) -> None:
    challenge, token = given
    asked = response(401, {"WWW-Authenticate": challenge}, b"")
    registry(asked, token, response(404, {}, b"")).head("v1")


def _refusal(answer: requests.Response) -> str:
    return str(refusal(HOST, "GET", "dev/api", answer))


def _reference(text: str) -> tuple[str, str]:
    return split_repository(reference_of(text)[0])


CHALLENGE = (
    f'Bearer realm="https://{HOST}/token",service="r",scope="repository:dev/api:pull"',
    'Basic realm="x"',
    f'Bearer realm="https://{HOST}/token"',
)
LINK = "</v2/dev/api/tags/list?n=1000&last=a>; rel=next"

PARSERS = (
    Parser(
        name="a manifest or an index",
        source="the registry",
        inputs=BODIES,
        parse=_contents,
        check=_are_contents,
    ),
    Parser(
        name="an image of many manifests",
        source="the registry",
        inputs=st.lists(BODIES, min_size=1, max_size=3),
        parse=_closure,
        share=0.5,
    ),
    Parser(
        name="a configuration of an image",
        source="the registry",
        inputs=every(st.one_of(st.just(b""), BODIES), json_bytes(CONFIG)),
        parse=_platforms,
        check=_are_words,
    ),
    Parser(
        name="attestations of an image",
        source="the registry",
        inputs=json_bytes(ATTESTATION),
        parse=_attestations,
        check=_are_words,
    ),
    Parser(
        name="the digest of a name",
        source="the registry",
        inputs=answers(MANIFEST, Docker_Content_Digest=D1, Content_Type=_TYPE),
        parse=_head,
        check=_is_digest,
        known=(response(200, {"Docker-Content-Digest": f"{D1}$(reboot)"}, b""),),
    ),
    Parser(
        name="a list of tags",
        source="the registry",
        inputs=answers({"name": "dev/api", "tags": ["v1", "latest"]}, Link=LINK),
        parse=_tags,
        check=_are_tags,
    ),
    Parser(
        name="a list of referrers",
        source="the registry",
        inputs=answers(INDEX, Link=LINK),
        parse=_attached,
    ),
    Parser(
        name="where to upload",
        source="the registry",
        inputs=answers({}, Location=f"https://{HOST}/v2/dev/api/blobs/uploads/1"),
        parse=_upload,
    ),
    Parser(
        name="a login and its token",
        source="the registry",
        inputs=every(
            near(*CHALLENGE).map(as_sent),
            answers({"token": "abc", "expires_in": 60}),
        ),
        parse=_login,
    ),
    Parser(
        name="a refusal of a registry",
        source="the registry",
        inputs=answers(REFUSAL),
        parse=_refusal,
        check=check_message,
    ),
    Parser(
        name="a reference to an image",
        source="Dockerfiles, the stack file",
        inputs=near("python:3.12", "ghcr.io/a/b:1", "localhost:5000/a", "docker.io/a"),
        parse=_reference,
    ),
)
