"""Whether Lambda may take on a function's role."""

from typing import Any

from localcloud.iam.roles import find_role
from localcloud.iam.trust import trusts

PRINCIPAL = "lambda.amazonaws.com"


def assumable(arn: str) -> Any | None:
    """moto's role if it is there and trusts Lambda, else None.

    No condition keys are known: Lambda's page on execution roles promises none.
    """
    role = find_role(arn)
    return role if role is not None and trusts(role, PRINCIPAL, {}) else None
