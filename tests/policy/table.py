"""The table of checks; `python -m tests.policy.table` prints docs/security-checks.md."""

from __future__ import annotations

from collections.abc import Mapping

from tests.policy import (
    checks_bucket,
    checks_ecs,
    checks_functions,
    checks_kubernetes,
    checks_machine,
    checks_registry,
    checks_rights,
)
from tests.policy.check import OPEN, Check, Reason
from tests.policy.resources import Resources
from tests.policy.stacks import STACKS, recorded

SECTIONS = {
    "Images (ECR)": checks_registry,
    "Bundles and records (S3)": checks_bucket,
    "Machines (EC2, SSM)": checks_machine,
    "Rights (IAM)": checks_rights,
    "ECS": checks_ecs,
    "Lambda, logs": checks_functions,
    "Kubernetes": checks_kubernetes,
}
CHECKS: tuple[Check, ...] = tuple(check for each in SECTIONS.values() for check in each.CHECKS)
REASONS: tuple[Reason, ...] = tuple(one for each in SECTIONS.values() for one in each.REASONS)

_HEAD = """# Checks of what dev and prod define in AWS

Made by `make docs` from tests/policy, which asks them of every resource that the stacks register,
and loosens the property of each once to see it fail. Ids are those of checkov (CKV…) and AWS
Security Hub; a row without one is a rule of slipway.

- **dev**, **prod**: Pulumi.dev.yaml and Pulumi.prod.yaml as they are shipped.
- **full**: prod with a machine, a service, a scheduled task, a balancer, a function and pods of its
  own, and nothing said that has a default, but that its function is for everybody.
- **hardened**: the same with every option that closes something.

`held`: every resource meets it. `open`: it doesn't, and the row says why and what closes it.
`-`: the stack has nothing of the kind.
"""


def outcomes(check: Check, stacks: Mapping[str, Resources]) -> list[str]:
    """What became of a check in each stack."""
    return [check.outcome(resources) for resources in stacks.values()]


def page(stacks: Mapping[str, Resources]) -> str:
    """The whole page, as Markdown."""
    lines = [_HEAD]
    for title, module in SECTIONS.items():
        lines += [f"## {title}\n", _row("check", "demand", *stacks), _row(*["---"] * 6)]
        for check in module.CHECKS:
            found = outcomes(check, stacks)
            why = f". Open by default: {check.accepted}" if OPEN in found else ""
            lines.append(_row(check.ids, check.title + why, *found))
        lines.append("")
    lines += ["## Not asked, or held elsewhere\n", _row("check", "demand", "why")]
    lines.append(_row(*["---"] * 3))
    lines += [_row(each.ids, each.title, each.reason) for each in REASONS]
    return "\n".join(lines) + "\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(page({stack: recorded(stack) for stack in STACKS}), end="")
