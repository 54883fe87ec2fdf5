"""The lifecycle policy of an ECR repository: what may go, after rules that keep the rest.

How ECR judges, from https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html:
an image that matches the tags of a rule can't be expired by a rule of lower priority, and what an
index names goes after the index alone. ECR has no rule that keeps. So what must stay is matched
first, by a rule that no image is old enough for. It counts days, not images: how many images a
repository may have can be raised, and then a count would be exceeded.

Several patterns in one rule mean an image that has all of them, so each rule has one; four `*` in
a pattern at most, and 30,720 characters in a policy:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FOREVER_DAYS = 36500
UNTAGGED_DAYS = 14
BUILDS = "src-*"
MOST_CHARACTERS = 30720
# Not among the documented quotas; a policy that ECR would refuse is worse than one that keeps more.
MOST_RULES = 50
_LONG = re.compile(r"([0-9a-f]{12})[0-9a-f]{20,}")


@dataclass(frozen=True, kw_only=True)
class Retention:
    """What one repository keeps, and when the rest goes."""

    patterns: tuple[str, ...]
    """Names that stay for good; `*` stands for any letters."""
    names: Mapping[str, str]
    """Single names that stay, each with the reason."""
    days: int
    """Days after which other builds go; 0: never."""
    held: str = ""
    """Why no image with a name may go, whatever `days` says; empty: it may."""


def lifecycle_policy(retention: Retention) -> str:
    """The policy, as JSON. What doesn't fit keeps all that has a name, and removes the rest."""
    rules = [*_keeping(retention), *_removing(retention)]
    if not retention.days or retention.held or _too_much(rules):
        rules = _removing(retention)[-1:]
    return _document(rules)


def in_words(retention: Retention) -> list[str]:
    """What the policy does, a line each, for a preview."""
    rules = json.loads(lifecycle_policy(retention))["rules"]
    lines = [_LONG.sub(r"\1…", str(rule["description"])) for rule in rules]
    if len(rules) > 1 or not retention.days:
        return lines
    why = retention.held or f"{len(retention.names)} names must stay, and ECR takes fewer rules"
    return [f"keep all that has a name: {why}", *lines]


def _keeping(retention: Retention) -> list[dict[str, Any]]:
    wanted = {pattern: "a name that stays" for pattern in retention.patterns} | {
        name: retention.names[name] for name in sorted(retention.names)
    }
    return [
        _rule(f"keep {name}: {why}", FOREVER_DAYS, tagStatus="tagged", tagPatternList=[name])
        for name, why in wanted.items()
    ]


def _removing(retention: Retention) -> list[dict[str, Any]]:
    days = retention.days
    return [
        _rule(
            f"remove other builds {days} days after their push",
            days,
            tagStatus="tagged",
            tagPatternList=[BUILDS],
        ),
        _rule(
            f"remove what has no name {UNTAGGED_DAYS} days after its push",
            UNTAGGED_DAYS,
            tagStatus="untagged",
        ),
    ]


def _rule(description: str, days: int, **selection: Any) -> dict[str, Any]:
    return {
        "description": description,
        "selection": {
            **selection,
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": days,
        },
        "action": {"type": "expire"},
    }


def _too_much(rules: list[dict[str, Any]]) -> bool:
    return len(rules) > MOST_RULES or len(_document(rules)) > MOST_CHARACTERS


def _document(rules: list[dict[str, Any]]) -> str:
    numbered = [{"rulePriority": place, **rule} for place, rule in enumerate(rules, 1)]
    return json.dumps({"rules": numbered}, sort_keys=True)
