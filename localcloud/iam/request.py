"""What is asked of IAM: one action on one resource, with what is known around it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One question to IAM."""

    action: str
    """Such as `ssm:SendCommand`."""
    resource: str = "*"
    """ARN; `*` where AWS knows none for the action."""
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Values of condition keys; a key that isn't there is absent, as AWS has it."""

    def values(self, key: str) -> Sequence[str] | None:
        """The values of a condition key, whose case doesn't count; None if it is absent."""
        wanted = key.lower()
        return next((v for name, v in self.context.items() if name.lower() == wanted), None)


def listed(value: Any) -> list[Any]:
    """A value that may be missing, one, or a list of them."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]


def matches(pattern: str, text: str, *, fold: bool = False) -> bool:
    """Whether a pattern with `*` (anything) and `?` (one sign) fits all of a text.

    Not fnmatch: to IAM a bracket is a bracket.
    """
    words = {"*": ".*", "?": "."}
    expression = "".join(words.get(sign) or re.escape(sign) for sign in pattern)
    return re.fullmatch(expression, text, re.DOTALL | (re.IGNORECASE if fold else 0)) is not None


def any_matches(patterns: Iterable[Any], text: str, *, fold: bool = False) -> bool:
    """Whether one of the patterns fits."""
    return any(matches(str(each), text, fold=fold) for each in patterns)


def filled(pattern: str, request: Request) -> str | None:
    """A pattern with its policy variables filled in; None if one has no single value.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, _, default = found[1].partition(",")
        if name in "*?$":
            return name
        known = request.values(name.strip())
        if known is not None and len(known) == 1:
            return str(known[0])
        missing = missing or not default
        return default.strip().strip("'")

    text = re.sub(r"\$\{([^}]+)\}", value, pattern)
    return None if missing else text
