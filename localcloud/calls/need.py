"""What a call needs, before anybody has judged it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

By = Literal["observed", "implied", "documented"]
"""How the need is known: the call itself came here; AWS asks for it along with a call that did; or
AWS's pages say that its own software (the SSM agent, ECS) makes the call, which is emulated here.
"""


@dataclass(frozen=True, kw_only=True)
class Need:
    """One action on one resource."""

    action: str
    """Such as `ecr:PutImage`."""
    resource: str = "*"
    """ARN; `*` where AWS knows none."""
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Condition keys of this call."""
    by: By = "observed"
    """How it is known."""
