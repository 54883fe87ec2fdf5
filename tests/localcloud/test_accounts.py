"""Two accounts in one cloud see nothing of each other but what a policy allows."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.localcloud.cloud import Cloud
from tests.localcloud.pusher import Pusher
from tests.localcloud.test_ecr_api import code
from tests.localcloud.test_registry import codes

FIRST, OTHER = "123456789012", "210987654321"
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def theirs(cloud: Cloud, service: str) -> Any:
    """A client of the second account."""
    return cloud.client(service, aws_access_key_id=OTHER)


def policy(*actions: str, account: str = OTHER, **more: Any) -> str:
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions), **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def visitor(cloud: Cloud, pusher: Pusher) -> Pusher:
    """The second account's client of the first one's repository, which holds an image v1."""
    pusher.push(f"content of {pusher.name}", "v1")
    return Pusher(cloud, pusher.name, cloud.token(key=OTHER))


@pytest.fixture
def mounting(cloud: Cloud) -> Iterator[None]:
    """Blob mounts are on in both accounts."""
    both = (cloud.client("ecr"), theirs(cloud, "ecr"))
    for ecr in both:
        ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")
    yield
    for ecr in both:
        ecr.put_account_setting(name="BLOB_MOUNTING", value="DISABLED")


@pytest.mark.parametrize(
    ("key", "account"),
    [(OTHER, OTHER), (FIRST, FIRST), ("any", FIRST), ("21098765432", FIRST), (f"{OTHER}0", FIRST)],
)
def test_a_key_of_twelve_digits_is_that_account(cloud: Cloud, key: str, account: str) -> None:
    sts = cloud.client("sts", aws_access_key_id=key)
    assert sts.get_caller_identity()["Account"] == account


def test_a_role_session_belongs_to_its_roles_account(cloud: Cloud) -> None:
    answer = cloud.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{OTHER}:role/deploy", RoleSessionName="test"
    )["Credentials"]
    keys = {
        "aws_access_key_id": answer["AccessKeyId"],
        "aws_secret_access_key": answer["SecretAccessKey"],
        "aws_session_token": answer["SessionToken"],
    }
    assert cloud.client("sts", **keys).get_caller_identity()["Account"] == OTHER
    made = cloud.client("ecr", **keys).create_repository(repositoryName="t/by-role")
    assert made["repository"]["registryId"] == OTHER


def test_nobody_names_the_account_by_a_header(cloud: Cloud) -> None:
    ssm = cloud.client("ssm")

    def lie(request: Any, **_: Any) -> None:
        request.headers["x-moto-account-id"] = OTHER

    ssm.meta.events.register("before-send.ssm.*", lie)
    ssm.put_parameter(Name="/mine", Value="v", Type="String")
    assert theirs(cloud, "ssm").get_parameters(Names=["/mine"])["Parameters"] == []


def test_what_one_account_makes_the_other_has_not(cloud: Cloud) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": []})
    cloud.client("iam").create_role(RoleName="t-own", AssumeRolePolicyDocument=document)
    cloud.client("ssm").put_parameter(Name="/t/own", Value="v", Type="String")
    roles = [role["RoleName"] for role in theirs(cloud, "iam").list_roles()["Roles"]]
    assert "t-own" not in roles
    assert theirs(cloud, "ssm").get_parameters(Names=["/t/own"])["Parameters"] == []


def test_each_account_has_a_registry_host_of_its_own(cloud: Cloud) -> None:
    ends = {
        key: cloud.client("ecr", aws_access_key_id=key).get_authorization_token()
        for key in (FIRST, OTHER)
    }
    hosts = [end["authorizationData"][0]["proxyEndpoint"] for end in ends.values()]
    assert hosts[0] == f"http://127.0.0.1:{cloud.registry_port}"
    assert hosts[1].startswith("http://127.")
    assert hosts[1].endswith(f":{cloud.registry_port}")
    assert hosts[0] != hosts[1]
    answer = requests.get(f"{hosts[1]}/v2/", auth=cloud.token(key=OTHER), timeout=10)
    assert answer.status_code == 200


def test_repositories_of_one_name_in_two_accounts_stay_apart(cloud: Cloud, pusher: Pusher) -> None:
    digest = pusher.push("first", "v1")
    made = theirs(cloud, "ecr").create_repository(repositoryName=pusher.name)["repository"]
    host, _, path = made["repositoryUri"].partition("/")
    assert path == pusher.name
    other = Pusher(cloud, path, cloud.token(key=OTHER), host)
    assert other.call("HEAD", "manifests/v1").status_code == 404
    assert other.call("HEAD", f"manifests/{digest}").status_code == 404
    assert other.push("other", "v1") != digest
    assert pusher.call("HEAD", "manifests/v1").headers["Docker-Content-Digest"] == digest


def test_a_host_that_is_nobodys_registry_serves_nothing(cloud: Cloud, pusher: Pusher) -> None:
    pusher.push("one", "v1")
    answer = pusher.call("GET", "manifests/v1", headers={"Host": "127.9.9.9:1"})
    assert answer.status_code == 404
    assert "127.9.9.9:1 is no registry" in answer.text


def test_another_account_may_not_read_a_repository(visitor: Pusher) -> None:
    for path in ("manifests/v1", "tags/list", "blobs/sha256:" + "0" * 64):
        answer = visitor.call("GET", path)
        assert answer.status_code == 403
        assert codes(answer) == ["DENIED"]


def test_another_account_may_read_what_the_repositorys_policy_allows(
    cloud: Cloud, visitor: Pusher
) -> None:
    ecr = cloud.client("ecr")
    ecr.set_repository_policy(repositoryName=visitor.name, policyText=policy(*PULL))
    manifest = visitor.call("GET", "manifests/v1")
    assert manifest.status_code == 200
    layer = manifest.json()["layers"][0]["digest"]
    assert visitor.call("GET", f"blobs/{layer}").status_code == 200
    assert visitor.call("GET", "tags/list").status_code == 403
    ecr.set_repository_policy(repositoryName=visitor.name, policyText=policy(PULL[0]))
    assert visitor.call("HEAD", "manifests/v1").status_code == 200
    assert visitor.call("GET", f"blobs/{layer}").status_code == 403


def test_a_policy_for_a_third_account_or_a_condition_allows_nothing(
    cloud: Cloud, visitor: Pusher
) -> None:
    ecr = cloud.client("ecr")
    denial = json.loads(policy(*PULL))
    denial["Statement"].append({**denial["Statement"][0], "Effect": "Deny"})
    for text in (
        policy(*PULL, account="333333333333"),
        policy(*PULL, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        json.dumps(denial),
    ):
        ecr.set_repository_policy(repositoryName=visitor.name, policyText=text)
        assert visitor.call("GET", "manifests/v1").status_code == 403


def test_a_reader_from_another_account_may_not_write(cloud: Cloud, visitor: Pusher) -> None:
    cloud.client("ecr").set_repository_policy(repositoryName=visitor.name, policyText=policy(*PULL))
    manifest = visitor.call("GET", "manifests/v1").text
    assert codes(visitor.put(manifest, "v2")) == ["DENIED"]
    assert codes(visitor.call("POST", "blobs/uploads/")) == ["DENIED"]


def test_the_api_gives_another_account_what_the_policy_allows(
    cloud: Cloud, visitor: Pusher
) -> None:
    wish: dict[str, Any] = {"registryId": FIRST, "repositoryName": visitor.name}
    ecr = theirs(cloud, "ecr")
    with pytest.raises(ClientError) as caught:
        ecr.batch_get_image(**wish, imageIds=[{"imageTag": "v1"}])
    assert code(caught) == "AccessDeniedException"
    cloud.client("ecr").set_repository_policy(repositoryName=visitor.name, policyText=policy(*PULL))
    (image,) = ecr.batch_get_image(**wish, imageIds=[{"imageTag": "v1"}])["images"]
    assert image["registryId"] == FIRST
    with pytest.raises(ClientError) as caught:
        ecr.describe_images(**wish)
    assert code(caught) == "AccessDeniedException"


def test_a_layer_of_another_account_is_not_mounted(
    cloud: Cloud, visitor: Pusher, mounting: None
) -> None:
    everything = policy("ecr:*")
    cloud.client("ecr").set_repository_policy(repositoryName=visitor.name, policyText=everything)
    layer = visitor.call("GET", "manifests/v1").json()["layers"][0]["digest"]
    name = f"{visitor.name}-copy"
    made = theirs(cloud, "ecr").create_repository(repositoryName=name)["repository"]
    copy = Pusher(cloud, name, visitor.login, made["repositoryUri"].partition("/")[0])
    answer = copy.call("POST", f"blobs/uploads/?mount={layer}&from={visitor.name}")
    assert answer.status_code == 202
    assert copy.call("HEAD", f"blobs/{layer}").status_code == 404
