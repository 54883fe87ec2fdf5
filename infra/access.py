"""How the account of a stack is reached by clients of ours."""

from __future__ import annotations

from clients.aws import AwsAccess
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
