"""How the account of a stack is reached by clients of ours."""

from __future__ import annotations

from clients.aws import AwsAccess, account_of
from infra.guards import wrong_account
from infra.settings import Settings


def access_of(settings: Settings) -> AwsAccess:
    """Region, profile and endpoints of a stack, as the clients take them."""
    return AwsAccess(
        region=settings.region,
        account=settings.account,
        profile=settings.profile,
        endpoints=AwsAccess.endpoint_pairs(settings.endpoints),
        access_key=settings.access_key,
        secret_key=settings.secret_key,
    )


def checked_access_of(settings: Settings) -> AwsAccess:
    """The same, after asking AWS once whose credentials these are.

    Raises `ValueError` if they are another account's than the stack's, `AwsError` if AWS can't be
    asked.
    """
    access = access_of(settings)
    if settings.account is not None:
        refusal = wrong_account(settings, account_of(access))
        if refusal:
            raise ValueError(refusal)
    return access
