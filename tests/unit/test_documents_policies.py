"""What policies allow, and what the deploy document takes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from components.documents.deploy_document import deploy_document
from components.documents.policies import host_policy

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
DIGEST = f"sha256:{'0' * 64}"
PLACE = {
    "stack": "dev",
    "region": "eu-west-1",
    "bucket": "deploys",
    "repository": f"{HOST}/dev/{{image}}",
}
ARN = "arn:aws:ecr:eu-west-1:123456789012:repository/dev/atta"
CHANNELS = ("CreateControl", "CreateData", "OpenControl", "OpenData")
HOSTILE = ["$(id)", "`id`", "a;b", "a b", "a\nb", "a\n", "-rf", "a'b", 'a"b', "{{ssm:x}}", "${IFS}"]


def test_a_host_may_listen_to_ssm_read_its_stacks_bundles_and_pull_named_repositories() -> None:
    text = host_policy(bucket="deploys", stack="dev", region="eu-west-1", repository_arns=[ARN])
    policy = json.loads(text)
    allowed = {
        (action, resource)
        for statement in policy["Statement"]
        for action in _list(statement["Action"])
        for resource in _list(statement["Resource"])
    }

    assert allowed == {
        ("ssm:UpdateInstanceInformation", "arn:aws:ec2:eu-west-1:*:instance/*"),
        *((f"ssmmessages:{way}Channel", "*") for way in CHANNELS),
        *(
            (f"logs:{what}", "arn:aws:logs:eu-west-1:*:log-group:/slipway/dev/host/deploys:*")
            for what in ("CreateLogStream", "DescribeLogStreams", "PutLogEvents")
        ),
        ("logs:DescribeLogGroups", "*"),
        ("s3:GetObject", "arn:aws:s3:::deploys/bundles/dev/*"),
        ("s3:GetObject", "arn:aws:s3:::deploys/records/dev/hosts.json"),
        ("ecr:GetAuthorizationToken", "*"),
        ("ecr:BatchGetImage", ARN),
        ("ecr:GetDownloadUrlForLayer", ARN),
    }


def test_a_host_without_ecr_repositories_may_ask_ecr_for_nothing() -> None:
    policy = host_policy(bucket="deploys", stack="dev", region="eu-west-1", repository_arns=[])

    assert "ecr:" not in policy


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("bucket", "*"),
        ("stack", "*"),
        ("repository_arns", ["*"]),
        ("bucket", "d/*"),
        ("region", "*"),
    ],
)
def test_a_wildcard_is_refused_in_a_policy(key: str, value: Any) -> None:
    given: dict[str, Any] = {"bucket": "deploys", "stack": "dev", "region": "eu-west-1"}
    with pytest.raises(ValueError, match="allowed"):
        host_policy(**{**given, "repository_arns": [ARN], key: value})


def test_every_parameter_of_the_document_is_a_variable_with_an_anchored_pattern() -> None:
    parameters = json.loads(deploy_document(**PLACE))["parameters"]

    assert set(parameters) == {
        *("action", "service", "kind", "stack", "bucket", "key"),
        *("sha256", "version", "image", "timeout", "region", "by", "lines", "since"),
    }
    for name, parameter in parameters.items():
        assert parameter["type"] == "String", name
        assert parameter["interpolationType"] == "ENV_VAR", name
        assert parameter["allowedPattern"][0] + parameter["allowedPattern"][-1] == "^$", name
        if "default" in parameter:
            assert re.search(parameter["allowedPattern"], parameter["default"]), name


@pytest.mark.parametrize("value", HOSTILE)
def test_no_parameter_takes_a_hostile_value(value: str) -> None:
    for name, parameter in json.loads(deploy_document(**PLACE))["parameters"].items():
        if value == "a\n":
            continue  # Python's $ lets it pass; the step itself refuses it (test_documents_deploy)
        assert not re.search(parameter["allowedPattern"], value), name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bucket", "deploys"),
        ("key", "bundles/dev/deploy-bundle-v1.2.0.tar.gz"),
        ("image", f"{HOST}/dev/a:v1@{DIGEST}"),
        ("image", f"{HOST}/dev/book-shop.2_x@{DIGEST}"),
        ("version", "0.1.30-dev"),
        ("region", "eu-west-1"),
    ],
)
def test_a_parameter_takes_what_a_deploy_sends(name: str, value: str) -> None:
    pattern = json.loads(deploy_document(**PLACE))["parameters"][name]["allowedPattern"]

    assert re.search(pattern, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bucket", "deploys-of-others"),
        ("key", "bundles/prod/deploy-bundle-v1.2.0.tar.gz"),
        ("key", "records/dev/deploy-bundle-v1.2.0.tar.gz"),
        ("image", f"{HOST}/dev/a:v1"),
        ("image", f"{HOST}/prod/a:v1@{DIGEST}"),
        ("image", f"{HOST}/dev/a/b:v1@{DIGEST}"),
        ("image", f"{HOST.replace('.dkr.', 'xdkr.')}/dev/a:v1@{DIGEST}"),
        ("image", f"999999999999{HOST[12:]}/dev/a:v1@{DIGEST}"),
        ("image", f"docker.io/dev/a:v1@{DIGEST}"),
        ("region", "us-east-1"),
    ],
)
def test_a_parameter_takes_nothing_that_is_not_this_stacks(name: str, value: str) -> None:
    pattern = json.loads(deploy_document(**PLACE))["parameters"][name]["allowedPattern"]

    assert not re.search(pattern, value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"repository": "host/dev/.*"},
        {"repository": "host/dev/{image}|x"},
        {"bucket": "a|b"},
        {"stack": ".+"},
        {"region": "eu-west-1|us-east-1"},
    ],
)
def test_no_pattern_of_the_document_is_loosened_by_a_setting(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="allowed"):
        deploy_document(**{**PLACE, **wrong})


def test_the_document_fits_into_ssm_and_substitutes_nothing() -> None:
    content = deploy_document(**PLACE)

    assert len(content.encode()) < 64 * 1024
    assert "{{" not in content


def _list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
