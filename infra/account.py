"""The right account, checked before the first resource."""

from __future__ import annotations

import pulumi_aws as aws

from infra.guards import wrong_account
from infra.settings import Settings


def check_account(settings: Settings) -> None:
    """Asks AWS whose credentials these are. Raises `ValueError` if they are another account's."""
    if settings.account is None:
        return
    try:
        found = aws.get_caller_identity().account_id
    except Exception as error:
        # Pulumi raises a bare Exception here, its last words the provider's.
        said = str(error).rpartition("getCallerIdentity: ")[2]
        raise ValueError(
            f"AWS does not say whose credentials these are: {said} Nothing was done. "
            "Check aws:profile, AWS_PROFILE, the endpoints, and that your login has not expired."
        ) from None
    refusal = wrong_account(settings, found)
    if refusal:
        raise ValueError(refusal)
