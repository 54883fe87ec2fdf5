"""The right account, checked before the first resource."""

from __future__ import annotations

import pulumi_aws as aws

from infra.guards import wrong_account
from infra.settings import Settings


def check_account(settings: Settings) -> None:
    """Asks AWS whose credentials these are. Raises `ValueError` if they are another account's."""
    if settings.account is None:
        return
    refusal = wrong_account(settings, aws.get_caller_identity().account_id)
    if refusal:
        raise ValueError(refusal)
