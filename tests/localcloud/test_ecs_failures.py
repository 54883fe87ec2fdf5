"""Tasks that cannot start: the reason in AWS's words, and no value of a secret anywhere."""

import json

import pytest

from tests.localcloud.cloud import Cloud
from tests.localcloud.ecs_estate import Estate, build, make_role
from tests.localcloud.pusher import DOCKER_MANIFEST, OCI_INDEX, Pusher

MISSING = "sha256:" + "0" * 64
SECRET = "hunter2-of-the-tests"
ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.fixture
def estate(cloud: Cloud) -> Estate:
    """The estate of the tests of ECS."""
    return build(cloud)


def reason(estate: Estate, definition: str) -> str:
    """Why a task of a definition has not started."""
    task = estate.ended(estate.run(definition))
    assert task["stopCode"] == "TaskFailedToStart"
    assert "startedAt" not in task
    return str(task["stoppedReason"])


def test_an_unknown_digest_cannot_be_pulled(estate: Estate) -> None:
    image = estate.image.partition("@")[0] + f"@{MISSING}"
    said = reason(estate, estate.define("lost", image=image))
    assert said.startswith("CannotPullContainerError: pull image manifest has been retried")
    assert said.endswith(f"{image}: not found")


def test_an_index_is_pulled_as_the_manifest_of_the_platform_and_refused_without_one(
    estate: Estate,
) -> None:
    base = Pusher(estate.cloud, "base/debian", estate.cloud.token())
    digest = estate.image.partition("@")[2]
    manifest = base.call("GET", f"manifests/{digest}", headers={"Accept": DOCKER_MANIFEST})
    entry = {"mediaType": DOCKER_MANIFEST, "size": len(manifest.content), "digest": digest}
    found = {}
    for name in ("amd64", "arm64"):
        platform = {"os": "linux", "architecture": name}
        entries = [{**entry, "platform": platform}]
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
        assert base.put(json.dumps(index), name, OCI_INDEX).status_code == 201
        image = f"127.0.0.1:{estate.cloud.registry_port}/base/debian:{name}"
        found[name] = estate.ended(estate.run(estate.define(f"of-{name}", "true", image=image)))
    assert found["amd64"]["containers"][0]["imageDigest"] == digest
    assert "matching platform 'linux/amd64'" in found["arm64"]["stoppedReason"]


def test_a_role_that_may_not_pull_fails_before_anything_runs(estate: Estate) -> None:
    allow = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    role = make_role(estate.cloud, "no-ecr", "ecs-tasks", allow)
    said = reason(estate, estate.define("no-ecr", executionRoleArn=role))
    assert said.startswith("ResourceInitializationError: unable to pull secrets or registry auth")
    assert "is not authorized to perform: ecr:GetAuthorizationToken" in said


def test_another_accounts_image_needs_that_accounts_policy(estate: Estate) -> None:
    other = "210987654321"
    ecr = estate.cloud.client("ecr", aws_access_key_id=other)
    uri = ecr.create_repository(repositoryName="t/theirs")["repository"]["repositoryUri"]
    login = estate.cloud.token(key=other)
    digest = Pusher(estate.cloud, "t/theirs", login, uri.partition("/")[0]).push("theirs", "v1")
    said = reason(estate, estate.define("theirs", image=f"{uri}@{digest}"))
    assert "403 Forbidden" in said
    assert "allows account 123456789012 ecr:" in said


def test_a_role_that_is_not_there_or_not_for_tasks_cannot_be_assumed(estate: Estate) -> None:
    machines = make_role(estate.cloud, "for-ec2", "ec2")
    for role in ("arn:aws:iam::123456789012:role/nobody", machines):
        said = reason(estate, estate.define("no-role", executionRoleArn=role))
        assert said.startswith(f"ECS was unable to assume the role '{role}'")


def test_a_log_group_that_is_not_there_fails_unless_it_may_be_created(estate: Estate) -> None:
    options = {"awslogs-group": "/nowhere", "awslogs-region": "eu-west-1"}
    options["awslogs-stream-prefix"] = "lost"
    log = {"logDriver": "awslogs", "options": options}
    said = reason(estate, estate.define("no-group", logConfiguration=log))
    assert "The specified log group does not exist." in said
    options |= {"awslogs-create-group": "true", "awslogs-group": "/made"}
    said = reason(estate, estate.define("no-group", logConfiguration=log))
    assert "logs:CreateLogGroup" in said
    role = make_role(estate.cloud, "makes-groups", "ecs-tasks", ANYTHING)
    definition = estate.define("group", "true", logConfiguration=log, executionRoleArn=role)
    estate.ended(estate.run(definition))
    made = estate.cloud.client("logs").describe_log_groups(logGroupNamePrefix="/made")
    assert [each["logGroupName"] for each in made["logGroups"]] == ["/made"]


def test_secrets_arrive_as_variables_and_are_written_nowhere(estate: Estate) -> None:
    client = estate.cloud.client("ssm")
    client.put_parameter(Name="/ecs/password", Value=SECRET, Type="SecureString")
    keys = estate.cloud.client("secretsmanager")
    secret = keys.create_secret(Name="ecs/key", SecretString=json.dumps({"id": SECRET}))["ARN"]
    role = make_role(estate.cloud, "reads", "ecs-tasks", ANYTHING)
    given = [
        {"name": "A", "valueFrom": "/ecs/password"},
        {"name": "B", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/ecs/password"},
        {"name": "C", "valueFrom": f"{secret}:id::"},
    ]
    script = 'echo "$A,$B,$C" | sha1sum; [ "$A$A$A" = "$A$B$C" ] && echo ${#A} same'
    definition = estate.define("secret", script, secrets=given, executionRoleArn=role)
    arn = estate.run(definition)
    task = estate.ended(arn)
    assert estate.lines("secret", arn)[1] == f"{len(SECRET)} same"
    assert SECRET not in json.dumps(task, default=str)
    assert SECRET not in (estate.cloud.state / "localcloud" / "cloud.log").read_text()


@pytest.mark.parametrize(
    ("name", "value_from", "words"),
    [
        ("ssm", "/no/such", "invalid parameters: /no/such"),
        (
            "asm",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:none-AbCdEf",
            "Secrets Manager can't find the specified secret.",
        ),
    ],
)
@pytest.mark.fault(28, "a secret of a task is missing")
def test_a_secret_that_is_not_there_or_not_for_the_role_is_named(
    estate: Estate, name: str, value_from: str, words: str
) -> None:
    given = [{"name": "A", "valueFrom": value_from}]
    said = reason(estate, estate.define("secretless", secrets=given))
    assert said.startswith("ResourceInitializationError: unable to pull secrets or registry auth")
    assert "is not authorized to perform: " in said
    role = make_role(estate.cloud, f"all-{name}", "ecs-tasks", ANYTHING)
    said = reason(estate, estate.define("secretless", secrets=given, executionRoleArn=role))
    assert words in said
