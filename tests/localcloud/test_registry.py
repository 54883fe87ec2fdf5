"""The registry keeps ECR's rules where a plain one has none."""

import hashlib
import json
import os
import time

import pytest
import requests

from tests.localcloud.cloud import Cloud
from tests.localcloud.pusher import OCI_INDEX, Pusher, digest_of

EXCLUSIONS = [{"filterType": "WILDCARD", "filter": "latest*"}]


def codes(answer: requests.Response) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


def test_a_request_without_a_login_is_refused(cloud: Cloud) -> None:
    answer = requests.get(f"{cloud.registry}/v2/", timeout=10)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


def test_a_made_up_password_is_refused(cloud: Cloud) -> None:
    answer = requests.get(f"{cloud.registry}/v2/", auth=("AWS", "guess"), timeout=10)
    assert answer.status_code == 401


@pytest.mark.usefixtures("usual_limits")
def test_a_login_ends_when_its_time_is_over(cloud: Cloud) -> None:
    cloud.limits(ecr_token_seconds=0.3)
    login = cloud.token()
    url = f"{cloud.registry}/v2/"
    assert requests.get(url, auth=login, timeout=10).status_code == 200
    time.sleep(0.4)
    assert requests.get(url, auth=login, timeout=10).status_code == 401


def test_a_push_makes_no_repository(cloud: Cloud) -> None:
    stranger = Pusher(cloud, "t/nobody-made-this", cloud.token())
    answer = stranger.call("POST", "blobs/uploads/")
    assert answer.status_code == 404
    assert codes(answer) == ["NAME_UNKNOWN"]
    names = [
        r["repositoryName"] for r in cloud.client("ecr").describe_repositories()["repositories"]
    ]
    assert "t/nobody-made-this" not in names


def test_a_repository_uri_is_where_the_front_listens(cloud: Cloud, repository: str) -> None:
    answer = cloud.client("ecr").describe_repositories(repositoryNames=[repository])
    uri = answer["repositories"][0]["repositoryUri"]
    assert uri == f"127.0.0.1:{cloud.registry_port}/{repository}"


def test_an_immutable_tag_never_moves(cloud: Cloud, pusher: Pusher) -> None:
    set_mutability(cloud, pusher.name, "IMMUTABLE")
    first = pusher.push("one", "v1")
    answer = pusher.put(pusher.manifest("two"), "v1")
    assert answer.status_code == 400
    assert codes(answer) == ["TAG_INVALID"]
    sentence = f"The image tag 'v1' already exists in the '{pusher.name}' repository and cannot be"
    assert sentence in answer.json()["errors"][0]["message"]
    assert pusher.call("HEAD", "manifests/v1").headers["Docker-Content-Digest"] == first


def test_an_immutable_tag_is_not_even_pushed_again_unchanged(cloud: Cloud, pusher: Pusher) -> None:
    set_mutability(cloud, pusher.name, "IMMUTABLE")
    manifest = pusher.manifest("one")
    assert pusher.put(manifest, "v1").status_code == 201
    assert pusher.put(manifest, "v1").status_code == 400
    assert pusher.put(manifest, digest_of(manifest)).status_code == 201


def test_an_excluded_tag_of_an_immutable_repository_moves(cloud: Cloud, pusher: Pusher) -> None:
    set_mutability(cloud, pusher.name, "IMMUTABLE_WITH_EXCLUSION", EXCLUSIONS)
    pusher.push("one", "latest-dev")
    second = pusher.push("two", "latest-dev")
    assert pusher.call("HEAD", "manifests/latest-dev").headers["Docker-Content-Digest"] == second
    pusher.push("one", "v1")
    assert pusher.put(pusher.manifest("two"), "v1").status_code == 400


def test_a_mutable_tag_moves_and_leaves_its_image_untagged(cloud: Cloud, pusher: Pusher) -> None:
    first, second = pusher.push("one", "dev"), pusher.push("two", "dev")
    details = cloud.client("ecr").describe_images(repositoryName=pusher.name)["imageDetails"]
    assert {d["imageDigest"]: d.get("imageTags") for d in details} == {first: None, second: ["dev"]}


def test_a_manifest_whose_layers_are_missing_is_refused(pusher: Pusher) -> None:
    manifest = json.loads(pusher.manifest("one"))
    manifest["layers"][0]["digest"] = "sha256:" + "0" * 64
    answer = pusher.put(json.dumps(manifest), "v1")
    assert answer.status_code == 400
    assert pusher.call("GET", "manifests/v1").status_code == 404


def test_a_manifest_under_a_foreign_digest_is_refused(pusher: Pusher) -> None:
    answer = pusher.put(pusher.manifest("one"), "sha256:" + "0" * 64)
    assert answer.status_code == 400
    assert codes(answer) == ["DIGEST_INVALID"]


def test_a_layer_is_not_mounted_from_another_repository(cloud: Cloud, pusher: Pusher) -> None:
    assert mount(cloud, pusher, "off").status_code == 202


def test_a_layer_is_mounted_where_the_account_allows_it(cloud: Cloud, pusher: Pusher) -> None:
    ecr = cloud.client("ecr")
    ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")
    try:
        answer = mount(cloud, pusher, "on")
    finally:
        ecr.put_account_setting(name="BLOB_MOUNTING", value="DISABLED")
    assert answer.status_code == 201
    assert answer.headers["Location"].startswith("/v2/t/")


def test_deleting_through_the_registry_is_not_supported(pusher: Pusher) -> None:
    digest = pusher.push("one", "v1")
    assert pusher.call("DELETE", f"manifests/{digest}").status_code == 405
    assert pusher.call("HEAD", "manifests/v1").status_code == 200


def test_an_index_of_pushed_images_is_taken(pusher: Pusher) -> None:
    digest = pusher.push("one", "amd64")
    entry = {"mediaType": "application/json", "digest": digest, "size": 1}
    index = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]})
    assert pusher.put(index, "all", OCI_INDEX).status_code == 201
    answer = pusher.call("GET", "manifests/all")
    assert answer.text == index
    assert answer.headers["Content-Type"] == OCI_INDEX


def test_tags_are_listed_in_pages(pusher: Pusher) -> None:
    for tag in ("a", "b", "c"):
        pusher.push(tag, tag)
    answer = pusher.call("GET", "tags/list?n=2")
    assert answer.json()["tags"] == ["a", "b"]
    assert "last=b" in answer.headers["Link"]
    assert pusher.call("GET", "tags/list?n=2&last=b").json()["tags"] == ["c"]


def test_a_big_layer_comes_back_as_it_was(pusher: Pusher) -> None:
    data = os.urandom(1 << 20) * 48
    digest = pusher.blob(data)["digest"]
    answer = pusher.call("GET", f"blobs/{digest}")
    assert "sha256:" + hashlib.sha256(answer.content).hexdigest() == digest
    part = pusher.call("GET", f"blobs/{digest}", headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.content == data[10:20]


def test_a_repository_of_one_region_is_unknown_in_another(cloud: Cloud, repository: str) -> None:
    elsewhere = Pusher(cloud, repository, cloud.token("us-east-1"))
    assert elsewhere.call("GET", "tags/list").status_code == 404


def test_the_base_image_is_there_in_every_region(cloud: Cloud) -> None:
    for region in ("eu-west-1", "us-east-1"):
        base = Pusher(cloud, "base/debian", cloud.token(region))
        manifest = base.call("GET", "manifests/bookworm").json()
        layer = base.call("HEAD", f"blobs/{manifest['layers'][0]['digest']}")
        assert int(layer.headers["Content-Length"]) == manifest["layers"][0]["size"]


def set_mutability(
    cloud: Cloud, name: str, kind: str, filters: list[dict[str, str]] | None = None
) -> None:
    options = {"imageTagMutabilityExclusionFilters": filters} if filters else {}
    cloud.client("ecr").put_image_tag_mutability(
        repositoryName=name, imageTagMutability=kind, **options
    )


def mount(cloud: Cloud, pusher: Pusher, mark: str) -> requests.Response:
    """Asks for the mount of a pushed layer in a second repository."""
    digest = pusher.blob(f"layer {mark} {pusher.name}".encode())["digest"]
    target = f"{pusher.name}-target"
    cloud.client("ecr").create_repository(repositoryName=target)
    other = Pusher(cloud, target, pusher.login)
    answer = other.call("POST", f"blobs/uploads/?mount={digest}&from={pusher.name}")
    found = other.call("HEAD", f"blobs/{digest}").status_code
    assert found == (200 if answer.status_code == 201 else 404)
    return answer
