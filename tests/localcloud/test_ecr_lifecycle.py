"""Lifecycle policies in the local ECR: refused as ECR refuses them, and previewed for real."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.cloud import Cloud
from tests.localcloud.pusher import Pusher
from tests.localcloud.test_ecr_api import code


def rule(priority: int, *patterns: str, count: int) -> dict[str, Any]:
    selection = {
        "tagStatus": "tagged",
        "tagPatternList": list(patterns),
        "countType": "imageCountMoreThan",
        "countNumber": count,
    }
    return {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}}


def policy(*rules: dict[str, Any]) -> str:
    return json.dumps({"rules": list(rules)})


def test_a_preview_says_what_would_go_and_nothing_goes(cloud: Cloud, pusher: Pusher) -> None:
    digests = [pusher.push(text, f"src-{text}") for text in ("one", "two", "three")]
    pusher.put(pusher.manifest("one"), "v1.2.0")
    ecr = cloud.client("ecr")
    text = policy(rule(1, "v*.*", count=100), rule(2, "src-*", count=1))
    ecr.put_lifecycle_policy(repositoryName=pusher.name, lifecyclePolicyText=text)
    begun = ecr.start_lifecycle_policy_preview(repositoryName=pusher.name)
    found = ecr.get_lifecycle_policy_preview(repositoryName=pusher.name)
    assert begun["status"] == "IN_PROGRESS"
    assert found["status"] == "COMPLETE"
    assert found["summary"] == {"expiringImageTotalCount": 1}
    (gone,) = found["previewResults"]
    assert gone["imageDigest"] in digests[1:]
    assert gone["appliedRulePriority"] == 2
    assert gone["action"] == {"type": "EXPIRE"}
    assert len(ecr.describe_images(repositoryName=pusher.name)["imageDetails"]) == 3


@pytest.mark.parametrize(
    "text",
    [
        policy(rule(1, "a", count=1), rule(2, "a", count=2)),
        policy(rule(1, "*a*b*c*d*", count=1)),
        policy(rule(1, "a", count=1), rule(1, "b", count=1)),
    ],
)
def test_a_policy_that_ecr_would_refuse_is_refused(
    cloud: Cloud, repository: str, text: str
) -> None:
    ecr = cloud.client("ecr")
    for ask in (ecr.put_lifecycle_policy, ecr.start_lifecycle_policy_preview):
        with pytest.raises(ClientError) as caught:
            ask(repositoryName=repository, lifecyclePolicyText=text)
        assert code(caught) == "InvalidParameterException"


def test_without_a_policy_and_without_a_preview_there_is_nothing_to_show(
    cloud: Cloud, repository: str
) -> None:
    ecr = cloud.client("ecr")
    with pytest.raises(ClientError) as caught:
        ecr.start_lifecycle_policy_preview(repositoryName=repository)
    assert code(caught) == "LifecyclePolicyNotFoundException"
    with pytest.raises(ClientError) as caught:
        ecr.get_lifecycle_policy_preview(repositoryName=repository)
    assert code(caught) == "LifecyclePolicyPreviewNotFoundException"
