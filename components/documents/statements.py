"""Statements of IAM policies, and how they are put into documents of AWS's size."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Statement = dict[str, Any]

MANAGED_POLICY_LIMIT = 6144
"""Characters of a managed policy, blanks not counted:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
INLINE_POLICIES_LIMIT = 10240
"""Characters of all inline policies of one role together, blanks not counted."""
ATTACHED_POLICIES_LIMIT = 10
"""Managed policies of one role, as long as nobody has asked AWS for more."""


def allow(
    sid: str,
    actions: Iterable[str],
    resources: str | Iterable[str],
    condition: Mapping[str, Mapping[str, Any]] | None = None,
) -> Statement:
    """Allows actions on resources, each listed once and in order.

    Raises `ValueError` for an action with a wildcard.
    """
    listed = [resources] if isinstance(resources, str) else sorted(set(resources))
    named = sorted(set(actions))
    stray = [action for action in named if not re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9]+", action)]
    if stray or not named or not listed:
        raise ValueError(
            f"{sid}: {stray or named or listed} is nothing to allow; say service:Action"
        )
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": named, "Resource": listed}
    return {**statement, "Condition": condition} if condition else statement


def document(statements: Iterable[Statement]) -> str:
    """The policy document of these statements, as JSON with sorted keys and without blanks."""
    whole = {"Version": "2012-10-17", "Statement": list(statements)}
    return json.dumps(whole, sort_keys=True, separators=(",", ":"))


def packed(statements: Sequence[Statement], limit: int = MANAGED_POLICY_LIMIT) -> list[str]:
    """The statements as few documents, in order; one that is too long alone is cut by resources.

    Raises `ValueError` for a statement that can't be cut.
    """
    documents: list[list[Statement]] = [[]]
    for statement in statements:
        for piece in _cut(statement, limit):
            if len(document([*documents[-1], piece])) > limit:
                documents.append([])
            documents[-1].append(piece)
    return [document(each) for each in documents if each]


def _cut(statement: Statement, limit: int) -> list[Statement]:
    if len(document([statement])) <= limit:
        return [statement]
    resources = statement["Resource"]
    if len(resources) < 2:
        raise ValueError(
            f"the statement {statement['Sid']} alone is longer than {limit} characters"
        )
    half = len(resources) // 2
    halves = ({"Resource": resources[:half]}, {"Resource": resources[half:]})
    cut = [piece for each in halves for piece in _cut({**statement, **each}, limit)]
    return [{**piece, "Sid": f"{statement['Sid']}{n}"} for n, piece in enumerate(cut, 1)]
