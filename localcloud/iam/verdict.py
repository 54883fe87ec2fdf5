"""Whether policies allow a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.iam.conditions import fulfilled
from localcloud.iam.request import Document, Request, any_matches, filled, listed


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Allowed or not, and why not."""

    allowed: bool
    """Whether the request may be done."""
    reason: str = ""
    """AWS's words for what refuses it; empty if it is allowed."""


def read(text: str | Document) -> Document:
    """A policy document of its JSON text. Raises ValueError for what is no JSON object."""
    document = json.loads(text) if isinstance(text, str) else text
    if not isinstance(document, Mapping):
        raise ValueError(f"a policy is a JSON object, not {document!r}")
    return document


def statements(documents: Iterable[Document], effect: str) -> list[Document]:
    """All statements of an effect, Allow or Deny."""
    every = [each for document in documents for each in listed(document.get("Statement"))]
    return [each for each in every if each.get("Effect") == effect]


def applies(statement: Document, request: Request) -> bool:
    """Whether a statement of an identity's policy speaks of a request; principals aside."""
    return (
        _named(statement, "Action", request.action, request, fold=True)
        and _named(statement, "Resource", request.resource, request)
        and fulfilled(statement.get("Condition"), request)
    )


def names(principal: Any, callers: Collection[str]) -> bool:
    """Whether a policy's Principal means one of a caller's names (account, ARNs, service)."""
    if principal == "*":
        return True
    every = [each for kind in (principal or {}).values() for each in listed(kind)]
    return "*" in listed((principal or {}).get("AWS")) or bool(set(every) & set(callers))


def judge(
    request: Request,
    *,
    identity: Collection[Document],
    boundary: Document | None = None,
    resource: Document | None = None,
    callers: Collection[str] = (),
    at_home: bool = True,
) -> Verdict:
    """What IAM says of a request by a caller.

    `identity` are the caller's own policies, `boundary` its permissions boundary, `resource` the
    policy of the resource, in which `callers` are its names. At home (the resource is of the
    caller's account) one of both policies is enough; elsewhere both must allow it.
    """
    limits = [boundary] if boundary is not None else []
    spoken = _spoken(resource, callers)
    denials = [*statements([*identity, *limits], "Deny"), *statements(spoken, "Deny")]
    if any(applies(each, request) for each in denials):
        return Verdict(allowed=False, reason=f"with an explicit deny in a policy: {request.action}")
    own = any(applies(each, request) for each in statements(identity, "Allow"))
    given = any(applies(each, request) for each in statements(spoken, "Allow"))
    within = not limits or any(applies(each, request) for each in statements(limits, "Allow"))
    if not (own or (given and at_home)):
        kind = "identity-based"
    elif not within:
        kind = "permissions boundary"
    elif not (given or at_home):
        kind = "resource-based"
    else:
        return Verdict(allowed=True)
    reason = f"because no {kind} policy allows the {request.action} action"
    return Verdict(allowed=False, reason=reason)


def _spoken(resource: Document | None, callers: Collection[str]) -> list[Document]:
    if resource is None:
        return []
    every = listed(resource.get("Statement"))
    meant = [
        # A repository's policy has no Resource: it is about itself.
        {"Resource": "*", **each} if "NotResource" not in each else each
        for each in every
        if _means(each, callers)
    ]
    return [{"Statement": meant}]


def _means(statement: Document, callers: Collection[str]) -> bool:
    if "NotPrincipal" in statement:
        return not names(statement["NotPrincipal"], callers)
    return names(statement.get("Principal"), callers)


def _named(
    statement: Document, element: str, text: str, request: Request, *, fold: bool = False
) -> bool:
    refused = f"Not{element}"
    patterns = listed(statement.get(refused if refused in statement else element))
    known = [each for each in (filled(str(p), request) for p in patterns) if each is not None]
    return any_matches(known, text, fold=fold) != (refused in statement)
