"""The one place where a call is judged by IAM and taken down."""

from collections.abc import Iterable
from typing import Any

from localcloud.calls.caller import Caller, of_role
from localcloud.calls.journal import JOURNAL
from localcloud.calls.need import By, Need
from localcloud.calls.owners import Owned, owned
from localcloud.iam.request import Document, Request
from localcloud.iam.roles import boundary, documents
from localcloud.iam.verdict import judge

ALL: Document = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def demand(caller: Caller, needs: Iterable[Need], region: str) -> tuple[Need, str] | None:
    """Judges and takes down all that a call needs; gives the first that is refused, with AWS's
    sentence about it."""
    refused = None
    for need in needs:
        # Whose a bucket's name is already, is S3's own answer.
        place = Owned() if need.action == "s3:CreateBucket" else owned(need.resource)
        reason = judged(caller, need, region, place)
        JOURNAL.note(caller, need, reason)
        if reason and refused is None:
            refused = need, sentence(caller, need, reason)
    return refused


def judged(caller: Caller, need: Need, region: str, place: Owned) -> str:
    """Why a caller may not do what is needed; empty if it may."""
    request = Request(
        action=need.action,
        resource=need.resource,
        context={**surroundings(caller, region), **need.context},
    )
    verdict = judge(
        request,
        identity=documents(caller.role) if caller.role is not None else [ALL],
        boundary=boundary(caller.role) if caller.role is not None else None,
        resource=place.policy,
        callers=caller.names,
        at_home=place.account in ("", caller.account),
    )
    return verdict.reason


def surroundings(caller: Caller, region: str) -> dict[str, list[str]]:
    """Condition keys of every call. It counts as one over TLS: nothing leaves this machine."""
    own = caller.role.arn if caller.role is not None else caller.arn
    return {
        "aws:PrincipalAccount": [caller.account],
        "aws:PrincipalArn": [own],
        "aws:RequestedRegion": [region],
        "aws:SecureTransport": ["true"],
        "s3:TlsVersion": ["1.3"],
    }


def sentence(caller: Caller, need: Need, reason: str) -> str:
    """AWS's sentence for what a caller may not do."""
    return (
        f"User: {caller.arn} is not authorized to perform: {need.action} on resource: "
        f"{need.resource} {reason}"
    )


def ask(
    role: Any,
    action: str,
    resource: str,
    *,
    kind: str = "",
    session: str = "",
    context: dict[str, list[str]] | None = None,
    by: By = "implied",
    region: str = "",
) -> bool:
    """Whether a role's own policies let a service of AWS do something with it.

    `region` is needed where the resource, such as `*`, doesn't say it.
    """
    need = Need(action=action, resource=resource, context=context or {}, by=by)
    parts = resource.split(":")
    region = region or (parts[3] if len(parts) > 3 else "")
    caller = of_role(role, session, kind)
    reason = judged(caller, need, region, Owned())
    JOURNAL.note(caller, need, reason)
    return not reason
