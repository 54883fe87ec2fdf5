"""Bucket policies with their conditions about TLS, which moto reads as if they weren't there.

This cloud answers on loopback and on sockets of this machine alone. Nothing of it crosses a
network, so each request counts as one over TLS.
"""

import json
from typing import Any

SECURE = {("Bool", "aws:securetransport", "false"), ("NumericLessThan", "s3:tlsversion", "1.2")}


def over_tls(policy: str) -> str:
    """The policy without the statements that only speak to requests without TLS."""
    document = json.loads(policy)
    statements = document.get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    kept = [each for each in statements if not only_without_tls(each)]
    return json.dumps({**document, "Statement": kept})


def only_without_tls(statement: dict[str, Any]) -> bool:
    """Whether a statement has a condition that a request over TLS never fulfils."""
    conditions = {
        (operator, key.lower(), str(value[0] if isinstance(value, list) else value).lower())
        for operator, pairs in statement.get("Condition", {}).items()
        for key, value in pairs.items()
    }
    return bool(conditions & SECURE)


def read_conditions() -> None:
    """Makes moto's buckets judge by the conditions above."""
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.s3.models import FakeBucket

    def get_permission(self: FakeBucket, action: str, resource: str) -> Any:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        policy = IAMPolicy(over_tls(self.policy.decode()))
        return policy.is_action_permitted(action, resource)

    FakeBucket.get_permission = get_permission  # type: ignore[method-assign]
