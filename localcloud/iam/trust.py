"""Trust policies: which service, or whose token, may take a role."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from localcloud.iam.request import Request
from localcloud.iam.verdict import judge, read


def trusts(
    role: Any,
    principal: str,
    context: Mapping[str, Sequence[str]],
    action: str = "sts:AssumeRole",
) -> bool:
    """Whether a role's trust policy lets a principal take it; `context` are the call's keys."""
    text = role.assume_role_policy_document
    document = read(unquote(text) if isinstance(text, str) else text)
    request = Request(action=action, resource=role.arn, context=context)
    return judge(request, identity=[], resource=document, callers=[principal]).allowed
