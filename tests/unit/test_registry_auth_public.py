"""Which credentials are used for ECR Public, and when none are needed."""

from __future__ import annotations

import base64
import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError as BotoClientError
from botocore.exceptions import NoCredentialsError

from clients import ClientError, registry_auth
from clients.aws import AwsAccess
from clients.registry_auth import Keychain
from tests.unit.test_registry_auth import LOCAL, FakeEcr


class FakePublic:
    def __init__(self, problem: Exception | None = None) -> None:
        self.problem = problem

    def get_authorization_token(self) -> dict[str, Any]:
        if self.problem is not None:
            raise self.problem
        token = base64.b64encode(b"AWS:public-canary").decode()
        expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=12)
        return {"authorizationData": {"authorizationToken": token, "expiresAt": expires}}

    def describe_registries(self) -> dict[str, Any]:
        return {"registries": [{"registryUri": "127.0.0.2:4510/a1b2c3d4"}]}


def use_public(monkeypatch: pytest.MonkeyPatch, public: FakePublic) -> list[tuple[str, str | None]]:
    asked: list[tuple[str, str | None]] = []
    private = FakeEcr("http://127.0.0.1:4510")

    def client(access: AwsAccess, service: str, region: str | None = None) -> Any:
        asked.append((service, region))
        return public if service == "ecr-public" else private

    monkeypatch.setattr(registry_auth, "client", client)
    return asked


def test_ecr_public_is_asked_for_in_us_east_1_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    public = FakePublic()
    asked = use_public(monkeypatch, public)
    keychain = Keychain(AwsAccess(region="eu-west-1"))
    for _ in range(2):
        found = keychain.credentials("public.ecr.aws")
        assert found is not None
        assert (found.user, found.password, found.from_ecr) == ("AWS", "public-canary", True)
    assert asked == [("ecr-public", "us-east-1")]
    assert keychain.public_host() == "public.ecr.aws"
    assert keychain.ecr_region("public.ecr.aws") is None
    assert keychain.is_public_ecr("public.ecr.aws")
    assert not keychain.is_public_ecr("public.ecr.aws.evil.example")


def test_without_credentials_ecr_public_is_read_anonymously(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    use_public(monkeypatch, FakePublic(NoCredentialsError()))
    assert Keychain().credentials("public.ecr.aws") is None


def test_a_refused_login_to_ecr_public_is_told_not_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    denial: Any = {"Error": {"Code": "AccessDeniedException", "Message": "sts:GetServiceBearer"}}
    refused = FakePublic(BotoClientError(denial, "GetAuthorizationToken"))
    use_public(monkeypatch, refused)
    with pytest.raises(ClientError, match="logging in to ECR Public: AccessDeniedException"):
        Keychain().credentials("public.ecr.aws")


def test_the_local_twin_of_ecr_public_is_where_the_local_cloud_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_public(monkeypatch, FakePublic())
    ends = {"ecr": "http://127.0.0.1:4566", "ecrpublic": "http://127.0.0.1:4566"}
    keychain = Keychain(replace(LOCAL, endpoints=AwsAccess.endpoint_pairs(ends)))
    assert keychain.public_host() == "127.0.0.2:4510"
    assert keychain.ecr_region("127.0.0.2:4510") is None
    found = keychain.credentials("127.0.0.2:4510")
    assert found is not None
    assert found.password == "public-canary"
    private = keychain.credentials("127.0.0.1:4510")
    assert private is not None
    assert private.password == "canary-1"
