"""The right account, checked before the first resource."""

from __future__ import annotations

import threading

import pulumi_aws as aws

from infra.guards import wrong_account
from infra.settings import Settings


def check_account(settings: Settings) -> None:
    """Asks AWS whose credentials these are. Raises `ValueError` if they are another account's."""
    if settings.account is None:
        return
    # The answer takes as long as the aws plugin needs to start; loading the SDK's largest modules,
    # which the components are about to use, fits into that time.
    loading = threading.Thread(target=_load_sdk)
    loading.start()
    try:
        found = aws.get_caller_identity().account_id
    except Exception as error:
        # Pulumi raises a bare Exception here, its last words the provider's.
        said = str(error).rpartition("getCallerIdentity: ")[2]
        raise ValueError(
            f"AWS does not say whose credentials these are: {said} Nothing was done. "
            "Check aws:profile, AWS_PROFILE, the endpoints, and that your login has not expired."
        ) from None
    finally:
        loading.join()
    refusal = wrong_account(settings, found)
    if refusal:
        raise ValueError(refusal)


def _load_sdk() -> None:
    for module, name in ((aws.ec2, "Instance"), (aws.s3, "Bucket"), (aws.ecr, "Repository")):
        getattr(module, name)
