"""The local ECR judges a lifecycle policy as AWS's own examples say.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud.registry.lifecycle import Seen, expired, problem

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def image(name: str, days: int, *tags: str, children: tuple[str, ...] = ()) -> Seen:
    return Seen(name, tags, NOW - timedelta(days=days), children)


def rule(priority: int, count: int | None = None, days: int | None = None, **more: Any) -> Any:
    by_count = {"countType": "imageCountMoreThan", "countNumber": count}
    by_age = {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": days}
    selection = {"tagStatus": "tagged", **(by_age if count is None else by_count), **more}
    return {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}}


def policy(*rules: Any) -> str:
    return json.dumps({"rules": list(rules)})


BETA: dict[str, Any] = {"tagPrefixList": ["beta"]}
PROD: dict[str, Any] = {"tagPrefixList": ["prod"]}
REPOSITORY = [
    image("A", 10, "beta-1", "prod-1"),
    image("B", 9, "beta-2", "prod-2"),
    image("C", 8, "beta-3"),
]


@pytest.mark.parametrize(
    ("rules", "gone"),
    [
        ((rule(1, 1, **PROD), rule(2, 1, **BETA)), {"A": 1}),
        ((rule(1, 1, **BETA), rule(2, 1, **PROD)), {"A": 1, "B": 1}),
    ],
)
def test_an_image_that_a_rule_has_matched_is_not_expired_by_a_later_one(
    rules: tuple[Any, ...], gone: dict[str, int]
) -> None:
    assert expired(policy(*rules), REPOSITORY, NOW) == gone


def test_two_patterns_in_a_rule_mean_an_image_that_has_both() -> None:
    images = [image("A", 12, "alpha-1"), image("B", 11, "beta-1"), image("C", 10, "alpha", "beta")]
    rules = policy(rule(1, days=5, tagPrefixList=["alpha", "beta"]))
    assert expired(rules, images, NOW) == {"C": 1}


def test_wildcards_match_anywhere_in_a_tag() -> None:
    images = [image("A", 20, "src-1", "v1.2.0"), image("B", 20, "src-2"), image("C", 20)]
    rules = policy(
        rule(1, days=36500, tagPatternList=["v*.*"]), rule(2, days=14, tagPatternList=["src-*"])
    )
    assert expired(rules, images, NOW) == {"B": 2}


def test_all_images_go_by_the_rule_that_takes_any() -> None:
    rules = policy(rule(1, days=9, tagStatus="any"))
    assert expired(rules, REPOSITORY, NOW) == {"A": 1}


def test_what_an_index_names_stays_as_long_as_the_index() -> None:
    images = [
        image("child", 90),
        image("index", 90, "v1", children=("child",)),
        image("stray", 90),
    ]
    untagged = policy(rule(1, days=14, tagStatus="untagged"))
    assert expired(untagged, images, NOW) == {"stray": 1}
    both = policy(rule(1, days=14, tagStatus="untagged"), rule(2, days=14, tagPatternList=["v*"]))
    assert expired(both, images, NOW) == {"stray": 1, "child": 1, "index": 2}


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ((rule(1, 1, **BETA), rule(1, 1, **PROD)), "priorities must be unique"),
        ((rule(1, 1, **BETA), rule(2, days=9, **BETA)), "select the same tags"),
        ((rule(1, 1, tagPatternList=["*a*b*c*d*"]),), "more than 4 wildcards"),
        ((rule(1, 1),), "belongs to tagStatus=tagged"),
        ((rule(1, 1, tagStatus="any"), rule(2, 1, **PROD)), "must come last"),
        ((rule(1, 1, tagPatternList=["a" * 31000]),), "the most are 30720"),
    ],
)
def test_a_policy_that_ecr_refuses_is_refused(rules: tuple[Any, ...], said: str) -> None:
    assert said in str(problem(policy(*rules)))


def test_a_policy_that_ecr_takes_has_no_problem() -> None:
    assert problem(policy(rule(1, 1, **PROD), rule(2, 1, tagStatus="any"))) is None
