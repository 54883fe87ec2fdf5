"""Promotion through the registry of the local cloud: one repository, two, and another registry."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from clients.aws import AwsAccess
from clients.registry import NameTakenError, Registry, RegistryError
from clients.registry_auth import Keychain
from clients.registry_copy import copy_image, promote_image
from clients.registry_http import RegistryHttp
from tests.fakes.registry import (
    described,
    docker_registry,
    push_image,
    push_index,
    push_platforms,
)
from tests.localcloud.cloud import REGION, Cloud


@pytest.fixture(scope="module")
def keychain(cloud: Cloud) -> Keychain:
    """Logs in to the local cloud's ECR."""
    access = AwsAccess(
        region=REGION, endpoints=(("ecr", cloud.url),), access_key="any", secret_key="word"
    )
    return Keychain(access)


@pytest.fixture(scope="module")
def http(cloud: Cloud, keychain: Keychain) -> RegistryHttp:
    """Connections and a login for all repositories."""
    return RegistryHttp(f"127.0.0.1:{cloud.registry_port}", keychain)


@pytest.fixture
def dev(http: RegistryHttp, keychain: Keychain, repository: str) -> Registry:
    """A repository of this test's own."""
    return Registry(f"{http.host}/{repository}", keychain, http)


@pytest.fixture
def prod(cloud: Cloud, dev: Registry) -> Registry:
    """Another, where no tag can be moved."""
    name = f"{dev.path}-prod"
    cloud.client("ecr").create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")
    return Registry(f"{dev.host}/{name}", dev.keychain, dev.http)


@pytest.fixture
def mounting(cloud: Cloud) -> Iterator[None]:
    """The account allows that repositories share blobs."""
    ecr = cloud.client("ecr")
    ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")
    yield
    ecr.put_account_setting(name="BLOB_MOUNTING", value="DISABLED")


@pytest.fixture(scope="module")
def other_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with docker_registry(tmp_path_factory.mktemp("plain")) as address:
        yield address


@pytest.fixture
def plain(other_host: str, dev: Registry) -> Registry:
    """A repository of a registry that is not ECR's."""
    return Registry(f"{other_host}/{dev.path}", Keychain())


def test_in_one_repository_a_release_is_one_read_and_one_write(cloud: Cloud, dev: Registry) -> None:
    made = push_image(dev, "app", layers=8)
    before = cloud.counters()
    done = promote_image(dev, dev, made.digest, ["v1.2.0"])
    after = cloud.counters()
    assert dev.head("v1.2.0") == made.digest
    assert done.copied.requests == 3  # and the look whether the name is free
    assert after["registry_reads"] - before["registry_reads"] == 1
    assert after["registry_writes"] - before["registry_writes"] == 1


@pytest.mark.usefixtures("mounting")
def test_into_another_repository_no_layer_byte_is_sent(dev: Registry, prod: Registry) -> None:
    made = push_platforms(dev, "app")
    done = promote_image(dev, prod, made.digest, ["v1.2.0"])
    assert (done.copied.mounted, done.copied.copied_bytes) == (10, 0)
    assert prod.head("v1.2.0") == made.digest
    assert prod.get("v1.2.0").body == made.body


def test_where_mounting_is_refused_the_layers_are_copied_once(
    dev: Registry, prod: Registry
) -> None:
    made = push_image(dev, "app", layers=3)
    done = promote_image(dev, prod, made.digest, ["v1.2.0"])
    assert (done.copied.mounted, done.copied.copied) == (0, 4)
    assert done.copied.copied_bytes == sum(
        part["size"] for part in [*json.loads(made.body)["layers"], json.loads(made.body)["config"]]
    )
    again = promote_image(dev, prod, made.digest, ["v1.2.1"])
    assert again.copied.copied == 0
    assert prod.head("v1.2.1") == made.digest


@pytest.mark.usefixtures("mounting")
def test_what_is_attached_goes_along_by_tag(dev: Registry, prod: Registry) -> None:
    made = push_image(dev, "app")
    tag = made.digest.replace(":", "-")
    sbom = push_image(dev, "sbom", layers=1, subject=described(made))
    push_index(dev, described(sbom), name=tag)
    push_image(dev, "signature", f"{tag}.sig", layers=1)
    copy_image(dev, prod, made.digest)
    assert prod.get(sbom.digest).body == sbom.body
    for name in (tag, f"{tag}.sig"):
        assert prod.head(name) == dev.head(name)


def test_another_registry_gets_all_platforms_with_their_attestations(
    dev: Registry, plain: Registry
) -> None:
    made = push_platforms(dev, "app")
    done = promote_image(dev, plain, made.digest, ["v1.2.0"])
    assert done.copied.copied == 10
    assert plain.head("v1.2.0") == made.digest
    for child in json.loads(made.body)["manifests"]:
        assert plain.get(child["digest"]).body == dev.get(child["digest"]).body


def test_ecr_gets_an_image_from_another_registry(plain: Registry, prod: Registry) -> None:
    made = push_platforms(plain, "app")
    promote_image(plain, prod, made.digest, ["v1.2.0"])
    assert prod.get("v1.2.0").body == made.body


def test_a_damaged_layer_is_refused_and_nothing_is_named(
    cloud: Cloud, dev: Registry, prod: Registry
) -> None:
    made = push_image(dev, "damaged", layers=1)
    digest = json.loads(made.body)["layers"][0]["digest"]
    (file,) = cloud.state.rglob(f"{digest[7:]}/data")
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(RegistryError, match=f"its blob {digest} is damaged"):
        promote_image(dev, prod, made.digest, ["v1.2.0"])
    assert prod.head("v1.2.0") is None
    assert prod.head(made.digest) is None


def test_a_name_that_production_has_is_not_moved_and_nothing_is_sent(
    cloud: Cloud, dev: Registry, prod: Registry
) -> None:
    first, second = push_image(dev, "one"), push_image(dev, "two")
    promote_image(dev, prod, first.digest, ["v1.2.0"])
    before = cloud.counters()["registry_writes"]
    with pytest.raises(NameTakenError, match=first.digest):
        promote_image(dev, prod, second.digest, ["v1.2.0"])
    assert cloud.counters()["registry_writes"] == before


def test_a_repository_that_nobody_made_is_named(dev: Registry) -> None:
    made = push_image(dev, "app")
    missing = Registry(f"{dev.host}/{dev.path}-missing", dev.keychain, dev.http)
    with pytest.raises(RegistryError, match="-missing: the registry has no such repository"):
        promote_image(dev, missing, made.digest, ["v1.2.0"])
