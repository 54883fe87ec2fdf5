"""The program's own clients at the local cloud's registries, with nothing in their place."""

from pathlib import Path

import pytest

from clients.aws import AwsAccess
from clients.registry import Registry
from clients.registry_auth import Keychain
from clients.registry_http import RegistryError
from tests.localcloud.cloud import REGION, Cloud
from tests.localcloud.pusher import Pusher
from tests.localcloud.test_accounts import FIRST, OTHER, PULL, policy
from tests.localcloud.test_ecr_public import HOME, bearer


@pytest.fixture(autouse=True)
def no_docker_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


def keychain(cloud: Cloud, account: str) -> Keychain:
    ends = dict.fromkeys(("ecr", "ecrpublic", "sts"), cloud.url)
    pairs = AwsAccess.endpoint_pairs(ends)
    return Keychain(
        AwsAccess(region=REGION, endpoints=pairs, access_key=account, secret_key="local")
    )


def test_the_other_accounts_image_is_read_with_ones_own_credentials(
    cloud: Cloud, pusher: Pusher
) -> None:
    digest = pusher.push("one", "v1")
    uri = f"127.0.0.1:{cloud.registry_port}/{pusher.name}"
    visitor = Registry(uri, keychain(cloud, OTHER))
    with pytest.raises(RegistryError) as caught:
        visitor.head("v1")
    assert caught.value.status == 403
    cloud.client("ecr").set_repository_policy(repositoryName=pusher.name, policyText=policy(*PULL))
    assert visitor.head("v1") == digest


def test_an_account_writes_to_its_own_host(cloud: Cloud, pusher: Pusher) -> None:
    ecr = cloud.client("ecr", aws_access_key_id=OTHER)
    made = ecr.create_repository(repositoryName=f"{pusher.name}-own")["repository"]
    host, _, path = made["repositoryUri"].partition("/")
    own = Pusher(cloud, path, cloud.token(key=OTHER), host)
    digest = own.push("one", "v1")
    registry = Registry(made["repositoryUri"], keychain(cloud, OTHER))
    registry.put(registry.get(digest), "v2")
    assert own.call("HEAD", "manifests/v2").headers["Docker-Content-Digest"] == digest


def test_a_public_image_is_named_by_its_owner_and_read_by_all(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = keychain(cloud, FIRST)
    ecr = cloud.client("ecr-public", HOME)
    uri = ecr.create_repository(repositoryName="t/clients")["repository"]["repositoryUri"]
    host, _, path = uri.partition("/")
    assert host == owner.public_host()
    digest = Pusher(cloud, path, bearer(cloud, host), host).push("one", "v1")
    registry = Registry(uri, owner)
    registry.put(registry.get(digest), "v2")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    anybody = Registry(uri, Keychain())
    assert anybody.head("v2") == digest
    with pytest.raises(RegistryError) as caught:
        anybody.put(anybody.get(digest), "v3")
    assert caught.value.status == 401
    with pytest.raises(RegistryError) as caught:
        Registry(uri, keychain(cloud, OTHER)).put(registry.get(digest), "v3")
    assert caught.value.status == 403
    ecr.delete_repository(repositoryName="t/clients", force=True)
