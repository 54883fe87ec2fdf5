"""Which credentials are used for which registry host."""

from __future__ import annotations

import base64
import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from clients import registry_auth, registry_tags
from clients.aws import AwsAccess
from clients.registry import Registry
from clients.registry_auth import Keychain

LOCAL = AwsAccess(
    region="eu-west-1",
    endpoints=(("ecr", "http://127.0.0.1:4566"),),
    access_key="local",
    secret_key="local",
)
AWS_HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"


class FakeEcr:
    def __init__(self, proxy: str, hours: float = 12) -> None:
        self.proxy, self.hours, self.calls = proxy, hours, 0

    def get_authorization_token(self) -> dict[str, Any]:
        self.calls += 1
        token = base64.b64encode(f"AWS:canary-{self.calls}".encode()).decode()
        now = datetime.datetime.now(datetime.UTC)
        data = {
            "authorizationToken": token,
            "proxyEndpoint": self.proxy,
            "expiresAt": now + datetime.timedelta(hours=self.hours),
        }
        return {"authorizationData": [data]}


def use(monkeypatch: pytest.MonkeyPatch, ecr: FakeEcr) -> list[str | None]:
    regions: list[str | None] = []

    def client(access: AwsAccess, service: str, region: str | None = None) -> FakeEcr:
        assert service == "ecr"
        regions.append(region)
        return ecr

    monkeypatch.setattr(registry_auth, "client", client)
    return regions


def test_an_ecr_host_is_asked_for_in_its_own_region(monkeypatch: pytest.MonkeyPatch) -> None:
    regions = use(monkeypatch, FakeEcr(f"https://{AWS_HOST}"))
    found = Keychain(AwsAccess(region="eu-west-1")).credentials(AWS_HOST)
    assert found is not None
    assert (found.user, found.password, found.from_ecr) == ("AWS", "canary-1", True)
    assert regions == ["eu-central-1"]


def test_a_token_is_asked_for_once_and_again_when_it_is_nearly_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ecr = FakeEcr(f"https://{AWS_HOST}")
    use(monkeypatch, ecr)
    keychain = Keychain(LOCAL)
    keychain.credentials(AWS_HOST)
    keychain.credentials(AWS_HOST)
    assert ecr.calls == 1
    keychain.forget(AWS_HOST)
    keychain.credentials(AWS_HOST)
    assert ecr.calls == 2
    ecr.hours = 0.01
    keychain.forget(AWS_HOST)
    keychain.credentials(AWS_HOST)
    keychain.credentials(AWS_HOST)
    assert ecr.calls == 4


def test_the_local_cloud_is_ecr_at_the_port_that_it_names_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    use(monkeypatch, FakeEcr("http://127.0.0.1:4510"))
    keychain = Keychain(LOCAL)
    assert keychain.ecr_region("127.0.0.1:4510") == "eu-west-1"
    assert keychain.ecr_region("127.0.0.1:5000") is None
    assert keychain.credentials("127.0.0.1:5000") is None
    assert keychain.ecr_region("registry.example:4510") is None


def test_the_local_registry_of_another_account_is_asked_with_one_s_own_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ecr = FakeEcr("http://127.66.1.9:4510")
    use(monkeypatch, ecr)
    keychain = Keychain(LOCAL)
    assert keychain.ecr_region("127.0.0.1:4510") == "eu-west-1"
    found = keychain.credentials("127.0.0.1:4510")
    assert found is not None
    assert (found.password, ecr.calls) == ("canary-1", 1)


def test_another_host_is_never_sent_the_ecr_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    ecr = FakeEcr(f"https://{AWS_HOST}")
    use(monkeypatch, ecr)
    for host in (f"{AWS_HOST}.evil.example", "evil.example", "registry.example:443"):
        assert Keychain(LOCAL).credentials(host) is None
    assert ecr.calls == 0


def test_a_plain_registry_is_logged_in_to_with_docker_s_own_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pair = base64.b64encode(b"me:secret").decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {"r.example": {"auth": pair}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    found = Keychain().credentials("r.example")
    assert found is not None
    assert (found.user, found.password, found.from_ecr) == ("me", "secret", False)
    assert "secret" not in repr(found)


def test_the_names_of_an_image_in_ecr_are_one_question_to_its_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[dict[str, Any]] = []

    class Described:
        def describe_images(self, **question: Any) -> dict[str, Any]:
            asked.append(question)
            return {"imageDetails": [{"imageTags": ["v1", "src-1", "abc"]}]}

    monkeypatch.setattr(registry_tags, "client", lambda access, service, region: Described())
    registry = Registry(f"{AWS_HOST}/dev/shop", Keychain(LOCAL))
    digest = "sha256:" + "a" * 64
    assert registry_tags.names_of(registry, digest) == ["abc", "src-1", "v1"]
    assert asked == [
        {
            "registryId": "123456789012",
            "repositoryName": "dev/shop",
            "imageIds": [{"imageDigest": digest}],
        }
    ]
