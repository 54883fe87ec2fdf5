"""Whether Lambda may take on a function's role."""

import fnmatch
import json
from typing import Any
from urllib.parse import unquote

from localcloud.containers.roles import find_role, listed

PRINCIPAL = "lambda.amazonaws.com"


def assumable(arn: str) -> Any | None:
    """moto's role if it is there and trusts Lambda, else None.

    Conditions are not judged: a statement that has one allows nothing.
    """
    role = find_role(arn)
    if role is None:
        return None
    text = role.assume_role_policy_document
    trust = json.loads(unquote(text)) if isinstance(text, str) else text
    return role if any(trusts(each) for each in listed(trust, "Statement")) else None


def trusts(statement: dict[str, Any]) -> bool:
    """Whether a statement of a trust policy lets Lambda assume the role."""
    principal = statement.get("Principal") or {}
    services = listed(principal, "Service") if isinstance(principal, dict) else [principal]
    actions = [str(each).lower() for each in listed(statement, "Action")]
    return (
        statement.get("Effect") == "Allow"
        and not statement.get("Condition")
        and any(each in (PRINCIPAL, "*") for each in services)
        and any(fnmatch.fnmatchcase("sts:assumerole", each) for each in actions)
    )
