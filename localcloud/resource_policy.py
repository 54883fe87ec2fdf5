"""What a policy of a repository or a bucket lets another account do."""

import fnmatch
import json
from collections.abc import Mapping
from typing import Any

from localcloud.bucket_policy import over_tls

Statement = Mapping[str, Any]


def allows(policy: str | None, account: str, action: str, resource: str | None = None) -> bool:
    """Whether `policy` lets the account's root do `action`; without a resource, on what has it.

    A denial wins. Conditions other than those about TLS are not judged: a statement that has one
    allows nothing, but denies.
    """
    statements = _listed(json.loads(over_tls(policy)).get("Statement")) if policy else []
    meant = [each for each in statements if _speaks_of(each, account, action, resource)]
    if any(each.get("Effect") == "Deny" for each in meant):
        return False
    return any(each.get("Effect") == "Allow" and not each.get("Condition") for each in meant)


def _speaks_of(each: Statement, account: str, action: str, resource: str | None) -> bool:
    if not _names(each.get("Principal"), account):
        return False
    if not _matches(each.get("Action"), action, fold=True):
        return False
    return resource is None or _matches(each.get("Resource"), resource)


def _names(principal: Any, account: str) -> bool:
    named = principal.get("AWS") if isinstance(principal, Mapping) else principal
    return bool({"*", account, f"arn:aws:iam::{account}:root"} & set(_listed(named)))


def _matches(patterns: Any, text: str, *, fold: bool = False) -> bool:
    wanted = text.lower() if fold else text
    return any(
        fnmatch.fnmatchcase(wanted, str(pattern).lower() if fold else str(pattern))
        for pattern in _listed(patterns)
    )


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
