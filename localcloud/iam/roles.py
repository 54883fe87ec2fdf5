"""The policies of roles, as the cloud's IAM holds them."""

from collections.abc import Collection
from typing import Any

from moto.iam.models import iam_backends

from localcloud.iam.request import Document, Request
from localcloud.iam.verdict import Verdict, judge, read


def find_role(arn: str | None) -> Any | None:
    """moto's role of an ARN, in whichever account it is; None if there is none."""
    parts = (arn or "").split(":")
    if len(parts) < 6 or not parts[5].startswith("role/"):
        return None
    backend = iam_backends[parts[4]]["aws"]
    return next((role for role in list(backend.roles.values()) if role.arn == arn), None)


def documents(role: Any) -> list[Document]:
    """The role's policies, managed and inline."""
    texts = [
        version.document
        for policy in role.managed_policies.values()
        for version in policy.versions
        if version.is_default
    ]
    return [read(text) for text in [*texts, *role.policies.values()]]


def boundary(role: Any) -> Document | None:
    """The role's permissions boundary; one that is gone allows nothing."""
    arn = getattr(role, "permissions_boundary_arn", None)
    if not arn:
        return None
    policies = iam_backends[role.arn.split(":")[4]]["aws"].managed_policies
    held = [v for v in policies[arn].versions if v.is_default] if arn in policies else []
    return read(held[0].document) if held else {"Statement": []}


def judge_role(
    role: Any,
    request: Request,
    *,
    resource: Document | None = None,
    callers: Collection[str] = (),
    at_home: bool = True,
) -> Verdict:
    """What IAM says of a request by a role; `resource` and `at_home` as in `judge`."""
    return judge(
        request,
        identity=documents(role),
        boundary=boundary(role),
        resource=resource,
        callers=callers,
        at_home=at_home,
    )
