"""The right account, checked before anything else."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

import pulumi
import pulumi_aws as aws

from clients.aws import AwsError, account_of, client
from infra.access import access_of
from infra.ahead import Ahead, answer_of, in_background
from infra.aws_provider import provide
from infra.guards import wrong_account
from infra.origin_account import check_origin_account
from infra.retention import keeps_by_records
from infra.settings import Settings


def check_account(settings: Settings, ahead: Ahead | None = None) -> None:
    """Asks AWS whose credentials these are, by what the resources will be made with.

    It may have been asked `ahead`. Raises `ValueError` if they are another account's, or if AWS
    can't be asked. Where `.env` says how to log in, all resources are told so.
    """
    check_origin_account(settings)
    provider = provide(settings)
    if settings.account is None:
        return
    # The answer takes as long as the aws plugin needs to start; loading what takes longest of all
    # that is about to be used fits into that time.
    loading = in_background(_load, settings)
    try:
        known = ahead.account if ahead and provider is None else None
        found = known or _ask(settings, provider)
    finally:
        answer_of(loading)
    refusal = wrong_account(settings, found)
    if refusal:
        raise ValueError(refusal)


def _ask(settings: Settings, provider: pulumi.ProviderResource | None) -> str:
    try:
        found = aws.get_caller_identity(opts=pulumi.InvokeOptions(provider=provider))
    except Exception as error:
        # Pulumi raises a bare Exception here, its last words the provider's.
        said = str(error).rpartition("getCallerIdentity: ")[2]
        raise ValueError(_unanswered(settings, said)) from None
    return str(found.account_id)


def _unanswered(settings: Settings, said: str) -> str:
    """Why AWS did not say whose credentials these are: in our own words, if our own client meets
    the same; else in the provider's."""
    try:
        account_of(access_of(settings))
    except AwsError as error:
        return f"{error}. Nothing was done"
    return (
        f"AWS does not say whose credentials these are: {said} Nothing was done. "
        "Check aws:profile, AWS_PROFILE, the endpoints, and that your login has not expired."
    )


def _load(settings: Settings) -> None:
    """Of all settings a stack may have, what loads the most."""
    targets = {each.target for each in settings.services.values()}
    wanted = [(aws.s3, "Bucket"), (aws.ecr, "Repository")]
    if settings.host is not None or "ecs" in targets:
        wanted.append((aws.ec2, "Instance"))
    if "lambda" in targets:
        wanted += [(aws.lambda_, "Function"), (aws.iam, "Role")]
    for module, name in wanted:
        getattr(module, name)
    if "microk8s" in targets and settings.kubernetes.delivery == "api":
        import_module("components.microk8s_app")
    if keeps_by_records(settings):
        # What is wrong with the credentials is said when records are read.
        with suppress(AwsError):
            client(access_of(settings), "s3")
