"""What policies allow, and what the deploy document takes."""

from __future__ import annotations

import json
import re

import pytest

from components.documents.deploy_document import deploy_document
from components.documents.policies import host_policy

ARN = "arn:aws:ecr:eu-west-1:123456789012:repository/dev/atta"
HOSTILE = ["$(id)", "`id`", "a;b", "a b", "a\nb", "a\n", "-rf", "a'b", 'a"b', "{{ssm:x}}", "${IFS}"]


def test_a_host_may_read_its_own_stacks_bundles_and_pull_the_named_repositories_only() -> None:
    policy = json.loads(host_policy(bucket="deploys", stack="dev", repository_arns=[ARN]))
    allowed = {
        (action, resource)
        for statement in policy["Statement"]
        for action in _list(statement["Action"])
        for resource in _list(statement["Resource"])
    }

    assert allowed == {
        ("s3:GetObject", "arn:aws:s3:::deploys/bundles/dev/*"),
        ("ecr:GetAuthorizationToken", "*"),
        ("ecr:BatchGetImage", ARN),
        ("ecr:GetDownloadUrlForLayer", ARN),
    }


def test_a_host_without_ecr_repositories_may_ask_ecr_for_nothing() -> None:
    assert "ecr:" not in host_policy(bucket="deploys", stack="dev", repository_arns=[])


@pytest.mark.parametrize(
    ("bucket", "stack", "arn"),
    [("*", "dev", ARN), ("deploys", "*", ARN), ("deploys", "dev", "*"), ("d/*", "dev", ARN)],
)
def test_a_wildcard_is_refused_in_a_policy(bucket: str, stack: str, arn: str) -> None:
    with pytest.raises(ValueError, match="allowed"):
        host_policy(bucket=bucket, stack=stack, repository_arns=[arn])


def test_every_parameter_of_the_document_is_a_variable_with_an_anchored_pattern() -> None:
    parameters = json.loads(deploy_document())["parameters"]

    assert set(parameters) == {
        *("action", "service", "kind", "bucket", "key"),
        *("sha256", "version", "image", "timeout", "region", "by"),
    }
    for name, parameter in parameters.items():
        assert parameter["type"] == "String", name
        assert parameter["interpolationType"] == "ENV_VAR", name
        assert parameter["allowedPattern"][0] + parameter["allowedPattern"][-1] == "^$", name
        if "default" in parameter:
            assert re.search(parameter["allowedPattern"], parameter["default"]), name


@pytest.mark.parametrize("value", HOSTILE)
def test_no_parameter_takes_a_hostile_value(value: str) -> None:
    for name, parameter in json.loads(deploy_document())["parameters"].items():
        if value == "a\n":
            continue  # Python's $ lets it pass; the step itself refuses it (test_documents_deploy)
        assert not re.search(parameter["allowedPattern"], value), name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("key", "bundles/dev/deploy-bundle-v1.2.0.tar.gz"),
        ("image", f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/a:v1@sha256:{'0' * 64}"),
        ("image", f"127.0.0.1:4510/a@sha256:{'0' * 64}"),
        ("version", "0.1.30-dev"),
        ("region", "us-gov-east-1"),
    ],
)
def test_a_parameter_takes_what_a_deploy_sends(name: str, value: str) -> None:
    pattern = json.loads(deploy_document())["parameters"][name]["allowedPattern"]

    assert re.search(pattern, value)


def test_the_document_fits_into_ssm_and_substitutes_nothing() -> None:
    content = deploy_document()

    assert len(content.encode()) < 64 * 1024
    assert "{{" not in content


def _list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
