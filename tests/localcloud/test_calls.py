"""Every call is judged by the policies of whoever makes it, and taken down."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.localcloud.cloud import Cloud, login_of
from tests.localcloud.pusher import Pusher

ACCOUNT = "123456789012"
BUCKET = "t-calls"
TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    },
}
Client = Callable[..., Any]


def allow(actions: str | list[str], resources: str | list[str] = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def session(cloud: Cloud, name: str, policy: str, boundary: str | None = None) -> Client:
    """Clients with the keys of a new role that has this policy."""
    iam = cloud.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
    if boundary:
        made = iam.create_policy(PolicyName=f"{name}-limit", PolicyDocument=boundary)["Policy"]
        iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=made["Arn"])
    keys = cloud.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="job")
    given = {
        "aws_access_key_id": keys["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": keys["Credentials"]["SecretAccessKey"],
        "aws_session_token": keys["Credentials"]["SessionToken"],
    }
    return lambda service: cloud.client(service, **given)


def calls(cloud: Cloud, role: str) -> list[dict[str, Any]]:
    """What a role has asked for."""
    found = requests.get(f"{cloud.url}/_localcloud/calls", timeout=10).json()
    return [each for each in found if each["role"].endswith(f"/{role}")]


def refused(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    error = caught.value.response
    return str(error["Error"]["Code"]), int(error["ResponseMetadata"]["HTTPStatusCode"])


@pytest.fixture(scope="module")
def bucket(cloud: Cloud) -> Any:
    """A bucket of the account with one object, as the account's own client."""
    s3 = cloud.client("s3")
    where = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    s3.put_object(Bucket=BUCKET, Key="bundles/a", Body=b"a")
    return s3


def test_a_role_does_what_its_policy_allows_and_nothing_else(cloud: Cloud, bucket: Any) -> None:
    s3 = session(cloud, "reader", allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/bundles/*"))("s3")
    assert s3.get_object(Bucket=BUCKET, Key="bundles/a")["Body"].read() == b"a"
    for method, given in (
        ("get_object", {"Key": "records/a"}),
        ("put_object", {"Key": "bundles/a", "Body": b"b"}),
        ("delete_object", {"Key": "bundles/a"}),
        ("list_objects_v2", {}),
    ):
        with pytest.raises(ClientError) as caught:
            getattr(s3, method)(Bucket=BUCKET, **given)
        assert refused(caught) == ("AccessDenied", 403)
    assert bucket.get_object(Bucket=BUCKET, Key="bundles/a")["Body"].read() == b"a"


def test_each_service_refuses_in_its_own_words(cloud: Cloud) -> None:
    client = session(cloud, "idle", allow("sts:GetSessionToken"))
    expected = {
        "ssm": ("describe_instance_information", "AccessDeniedException", 400),
        "ec2": ("describe_vpcs", "UnauthorizedOperation", 403),
        "iam": ("list_roles", "AccessDenied", 403),
        "lambda": ("list_functions", "AccessDeniedException", 403),
        "ecs": ("list_clusters", "AccessDeniedException", 400),
    }
    for service, (method, code, status) in expected.items():
        with pytest.raises(ClientError) as caught:
            getattr(client(service), method)()
        assert refused(caught) == (code, status), service
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/idle/job"
    assert f"User: {arn} is not authorized to perform: ecs:ListClusters" in str(caught.value)
    assert client("sts").get_caller_identity()["Arn"] == arn, "nobody needs a right for that"


def test_calls_are_taken_down_with_who_what_and_whether(cloud: Cloud) -> None:
    client = session(cloud, "noted", allow("ecs:ListClusters"))
    client("ecs").list_clusters()
    with pytest.raises(ClientError):
        client("ssm").get_parameter(Name="/a/b")
    one, two = calls(cloud, "noted")
    assert (one["action"], one["resource"], one["allowed"]) == ("ecs:ListClusters", "*", True)
    arn = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/a/b"
    assert (two["action"], two["resource"], two["allowed"]) == ("ssm:GetParameter", arn, False)
    assert (two["kind"], two["session"], two["by"]) == ("role", "job", "observed")
    lines = (cloud.state / "localcloud" / "calls.jsonl").read_text().splitlines()
    assert two in [json.loads(line) for line in lines]


def test_a_boundary_holds_what_a_policy_would_let_go(cloud: Cloud) -> None:
    narrow = session(cloud, "bounded", allow("*"), allow("ecs:*"))
    narrow("ecs").list_clusters()
    with pytest.raises(ClientError, match="permissions boundary"):
        narrow("iam").list_roles()


def test_a_role_is_passed_on_only_by_who_may_pass_it(cloud: Cloud) -> None:
    wish: dict[str, Any] = {
        "family": "passed",
        "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/reader-of-all",
        "containerDefinitions": [{"name": "a", "image": "a", "memory": 64}],
    }
    maker = session(cloud, "maker", allow("ecs:RegisterTaskDefinition"))("ecs")
    with pytest.raises(ClientError, match=r"iam:PassRole on resource: .*reader-of-all"):
        maker.register_task_definition(**wish)
    given = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    for name, service in (("giver", "ecs-tasks"), ("other-giver", "lambda")):
        given["StringEquals"]["iam:PassedToService"] = f"{service}.amazonaws.com"
        client = session(cloud, name, allow(["ecs:RegisterTaskDefinition"]))
        policy = allow("iam:PassRole", wish["taskRoleArn"], Condition=given)
        cloud.client("iam").put_role_policy(RoleName=name, PolicyName="pass", PolicyDocument=policy)
        if service == "ecs-tasks":
            client("ecs").register_task_definition(**wish)
        else:
            with pytest.raises(ClientError, match="iam:PassRole"):
                client("ecs").register_task_definition(**wish)


def test_a_login_may_push_and_pull_what_its_role_may(
    cloud: Cloud, repository: str, pusher: Pusher
) -> None:
    arn = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/{repository}"
    login = ["ecr:GetAuthorizationToken"]
    reads = json.loads(allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], arn))
    reads["Statement"] += json.loads(allow(login))["Statement"]
    ecr = session(cloud, "puller", json.dumps(reads))("ecr")
    auth = login_of(ecr.get_authorization_token()["authorizationData"][0])
    url = f"{cloud.registry}/v2/{repository}"
    assert requests.get(f"{url}/manifests/absent", auth=auth, timeout=10).status_code == 404
    assert requests.post(f"{url}/blobs/uploads/", auth=auth, timeout=10).status_code == 403
    put = requests.put(f"{url}/manifests/v1", data=b"{}", auth=auth, timeout=10)
    assert put.status_code == 403
    assert "ecr:PutImage" in put.text
    done = {(each["action"], each["allowed"]) for each in calls(cloud, "puller")}
    assert ("ecr:BatchGetImage", True) in done
    assert ("ecr:InitiateLayerUpload", False) in done


def test_a_bucket_policy_with_conditions_holds_for_the_account_itself(
    cloud: Cloud, bucket: Any
) -> None:
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/once/*",
        "Condition": {
            "Null": {"s3:if-none-match": "true"},
            "Bool": {"s3:ObjectCreationOperation": "true"},
        },
    }
    policy = {"Version": "2012-10-17", "Statement": [deny]}
    bucket.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    with pytest.raises(ClientError) as caught:
        bucket.put_object(Bucket=BUCKET, Key="once/a", Body=b"a")
    assert refused(caught) == ("AccessDenied", 403)
    bucket.put_object(Bucket=BUCKET, Key="once/a", Body=b"a", IfNoneMatch="*")
    bucket.delete_bucket_policy(Bucket=BUCKET)


def test_commands_are_sent_only_with_the_document_and_to_the_machines_that_are_allowed(
    cloud: Cloud,
) -> None:
    client = session(cloud, "sender", allow("ssm:SendCommand", "arn:aws:ssm:*:*:document/ours"))
    with pytest.raises(ClientError, match="document/AWS-RunShellScript"):
        client("ssm").send_command(DocumentName="AWS-RunShellScript", InstanceIds=["i-" + "0" * 17])
    with pytest.raises(ClientError, match=r"resource: arn:aws:ec2:.*:instance/i-0"):
        client("ssm").send_command(DocumentName="ours", InstanceIds=["i-" + "0" * 17])


def test_a_reset_forgets_all_calls(cloud: Cloud) -> None:
    requests.post(f"{cloud.url}/_localcloud/calls/reset", timeout=10)
    assert requests.get(f"{cloud.url}/_localcloud/calls", timeout=10).json() == []
    assert (cloud.state / "localcloud" / "calls.jsonl").read_text() == ""
