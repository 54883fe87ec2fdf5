"""Condition blocks of policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import ipaddress
from collections.abc import Callable, Sequence
from typing import Any

from localcloud.iam.request import Request, filled, listed, matches

Compare = Callable[[str, str], bool]
"""Policy's value and request's value to whether they agree."""


def arn_like(pattern: str, text: str) -> bool:
    """Whether two ARNs agree in each of their six parts."""
    wanted, given = pattern.split(":", 5), text.split(":", 5)
    pairs = zip(wanted, given, strict=False)
    return len(wanted) == len(given) and all(matches(one, two) for one, two in pairs)


def in_network(network: str, address: str) -> bool:
    """Whether an address lies in a CIDR block."""
    return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)


OPERATORS: dict[str, Compare] = {
    "StringEquals": lambda policy, given: policy == given,
    "StringEqualsIgnoreCase": lambda policy, given: policy.lower() == given.lower(),
    "StringLike": matches,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": lambda policy, given: policy.lower() == given.lower(),
    "NumericEquals": lambda policy, given: float(given) == float(policy),
    "NumericLessThan": lambda policy, given: float(given) < float(policy),
    "NumericLessThanEquals": lambda policy, given: float(given) <= float(policy),
    "NumericGreaterThan": lambda policy, given: float(given) > float(policy),
    "NumericGreaterThanEquals": lambda policy, given: float(given) >= float(policy),
    "IpAddress": in_network,
}
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "NotIpAddress": "IpAddress",
}


def fulfilled(block: Any, request: Request) -> bool:
    """Whether a request fulfils every operator and every key of a condition block.

    Raises ValueError for an operator that isn't known here: it is never taken for fulfilled.
    """
    return all(
        _holds(operator, key, [str(each) for each in _words(listed(values))], request)
        for operator, pairs in (block or {}).items()
        for key, values in pairs.items()
    )


def _words(values: Sequence[Any]) -> list[Any]:
    return [str(each).lower() if isinstance(each, bool) else each for each in values]


def _holds(operator: str, key: str, policy: Sequence[str], request: Request) -> bool:
    quantifier, _, rest = operator.rpartition(":")
    name = rest.removesuffix("IfExists")
    given = request.values(key)
    if name == "Null":
        return (given is None) == (policy[0].lower() == "true")
    positive = NEGATED.get(name, name)
    if positive not in OPERATORS or quantifier not in ("", "ForAnyValue", "ForAllValues"):
        known = ", ".join(sorted({*OPERATORS, *NEGATED, "Null"}))
        raise ValueError(f"condition operator {operator!r} is not known; known are {known}")
    if given is None:
        return name != rest or quantifier == "ForAllValues" or (not quantifier and name in NEGATED)
    wanted = [text for text in (filled(each, request) for each in policy) if text is not None]

    def agrees(value: str) -> bool:
        one = any(OPERATORS[positive](text, value) for text in wanted)
        return one != (name in NEGATED)

    every = quantifier == "ForAllValues" or (not quantifier and name in NEGATED)
    return all(map(agrees, given)) if every else any(map(agrees, given))
