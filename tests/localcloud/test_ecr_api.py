"""The API of ECR says what the registry really holds."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.cloud import Cloud
from tests.localcloud.pusher import OCI_INDEX, Pusher, digest_of


def code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


def test_a_pushed_image_is_described_with_digest_tags_and_size(
    cloud: Cloud, pusher: Pusher
) -> None:
    manifest = pusher.manifest("one")
    pusher.put(manifest, "v1")
    pusher.put(manifest, "v2")
    (found,) = cloud.client("ecr").describe_images(
        repositoryName=pusher.name, imageIds=[{"imageTag": "v1"}]
    )["imageDetails"]
    content = json.loads(manifest)
    assert found["imageDigest"] == digest_of(manifest)
    assert sorted(found["imageTags"]) == ["v1", "v2"]
    assert found["imageSizeInBytes"] == content["config"]["size"] + len("one")


def test_a_missing_image_is_an_error_of_describe_and_a_failure_of_batch_get(
    cloud: Cloud, pusher: Pusher
) -> None:
    ecr, wish = cloud.client("ecr"), [{"imageTag": "nothing"}]
    with pytest.raises(ClientError) as caught:
        ecr.describe_images(repositoryName=pusher.name, imageIds=wish)
    assert code(caught) == "ImageNotFoundException"
    answer = ecr.batch_get_image(repositoryName=pusher.name, imageIds=wish)
    assert answer["failures"][0]["failureCode"] == "ImageNotFound"


def test_put_image_names_what_was_pushed_and_the_registry_agrees(
    cloud: Cloud, pusher: Pusher
) -> None:
    digest = pusher.push("one", "v1")
    ecr = cloud.client("ecr")
    (image,) = ecr.batch_get_image(repositoryName=pusher.name, imageIds=[{"imageTag": "v1"}])[
        "images"
    ]
    assert image["imageId"] == {"imageDigest": digest, "imageTag": "v1"}
    named = ecr.put_image(
        repositoryName=pusher.name, imageManifest=image["imageManifest"], imageTag="release"
    )["image"]
    assert named["imageId"] == {"imageDigest": digest, "imageTag": "release"}
    assert pusher.call("HEAD", "manifests/release").headers["Docker-Content-Digest"] == digest
    listed = ecr.list_images(repositoryName=pusher.name)["imageIds"]
    assert sorted(entry["imageTag"] for entry in listed) == ["release", "v1"]


def test_put_image_refuses_a_tag_that_must_not_move(cloud: Cloud, pusher: Pusher) -> None:
    ecr = cloud.client("ecr")
    ecr.put_image_tag_mutability(repositoryName=pusher.name, imageTagMutability="IMMUTABLE")
    pusher.push("one", "v1")
    for text in ("one", "two"):
        with pytest.raises(ClientError) as caught:
            ecr.put_image(
                repositoryName=pusher.name, imageManifest=pusher.manifest(text), imageTag="v1"
            )
        assert code(caught) == "ImageTagAlreadyExistsException"


def test_put_image_refuses_what_is_there_already(cloud: Cloud, pusher: Pusher) -> None:
    manifest = pusher.manifest("one")
    pusher.put(manifest, "v1")
    with pytest.raises(ClientError) as caught:
        cloud.client("ecr").put_image(
            repositoryName=pusher.name, imageManifest=manifest, imageTag="v1"
        )
    assert code(caught) == "ImageAlreadyExistsException"


def test_put_image_refuses_a_manifest_whose_layers_are_missing(
    cloud: Cloud, pusher: Pusher
) -> None:
    manifest = json.loads(pusher.manifest("one"))
    manifest["layers"][0]["digest"] = "sha256:" + "0" * 64
    with pytest.raises(ClientError) as caught:
        cloud.client("ecr").put_image(
            repositoryName=pusher.name, imageManifest=json.dumps(manifest), imageTag="v1"
        )
    assert code(caught) == "LayersNotFoundException"


def test_deleting_the_last_tag_deletes_the_image(cloud: Cloud, pusher: Pusher) -> None:
    ecr = cloud.client("ecr")
    digest = pusher.push("one", "v1")
    gone = ecr.batch_delete_image(repositoryName=pusher.name, imageIds=[{"imageTag": "v1"}])
    assert gone["imageIds"] == [{"imageDigest": digest, "imageTag": "v1"}]
    assert pusher.call("HEAD", f"manifests/{digest}").status_code == 404
    assert ecr.list_images(repositoryName=pusher.name)["imageIds"] == []


def test_an_image_that_an_index_names_is_not_deleted(cloud: Cloud, pusher: Pusher) -> None:
    digest = pusher.push("one", "amd64")
    entry = {"mediaType": "application/json", "digest": digest, "size": 1}
    index = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]})
    pusher.put(index, "all", OCI_INDEX)
    answer = cloud.client("ecr").batch_delete_image(
        repositoryName=pusher.name, imageIds=[{"imageDigest": digest}]
    )
    assert answer["failures"][0]["failureCode"] == "ImageReferencedByManifestList"
    assert pusher.call("HEAD", f"manifests/{digest}").status_code == 200


def test_a_repository_with_images_is_deleted_only_by_force(cloud: Cloud, pusher: Pusher) -> None:
    ecr = cloud.client("ecr")
    pusher.push("one", "v1")
    layer = json.loads(pusher.call("GET", "manifests/v1").text)["layers"][0]["digest"]
    with pytest.raises(ClientError) as caught:
        ecr.delete_repository(repositoryName=pusher.name)
    assert code(caught) == "RepositoryNotEmptyException"
    ecr.delete_repository(repositoryName=pusher.name, force=True)
    assert pusher.call("GET", "tags/list").status_code == 404
    ecr.create_repository(repositoryName=pusher.name)
    assert pusher.call("HEAD", f"blobs/{layer}").status_code == 404


def test_layers_are_available_once_they_are_uploaded(cloud: Cloud, pusher: Pusher) -> None:
    held, missing = str(pusher.blob(b"held")["digest"]), "sha256:" + "0" * 64
    answer = cloud.client("ecr").batch_check_layer_availability(
        repositoryName=pusher.name, layerDigests=[held, missing]
    )
    assert [layer["layerDigest"] for layer in answer["layers"]] == [held]
    assert [failure["layerDigest"] for failure in answer["failures"]] == [missing]


def test_an_account_setting_takes_only_known_values(cloud: Cloud) -> None:
    ecr = cloud.client("ecr")
    assert ecr.get_account_setting(name="BLOB_MOUNTING")["value"] == "DISABLED"
    with pytest.raises(ClientError) as caught:
        ecr.put_account_setting(name="BLOB_MOUNTING", value="YES")
    assert code(caught) == "InvalidParameterException"
