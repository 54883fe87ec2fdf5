"""The account that images are promoted from, held against what its own stack file says."""

from __future__ import annotations

from infra.settings import Settings
from infra.stack_file import PROJECT, account_in_stack_file


def check_origin_account(settings: Settings) -> None:
    """Raises `ValueError` if the stack that builds is in another account than this one believes.

    Without effect where nothing is promoted, or that stack has no file here.
    """
    origin, own = settings.release.origin, settings.registry.kind
    if settings.release.images != "promote" or (origin.registry or own) != "ecr":
        return
    believed = origin.account or settings.account
    said = account_in_stack_file(origin.stack, PROJECT)
    if believed is None or said in (None, believed):
        return
    key = f"{settings.project}:release.origin.account"
    place = f"Pulumi.{settings.stack}.yaml"
    believes = (
        f"{key} in {place} is {believed}"
        if origin.account
        else f"{place} has no release.origin.account, which means its own account {believed}"
    )
    raise ValueError(
        f"{believes}, but {settings.project}:account in Pulumi.{origin.stack}.yaml, whose images "
        f"are promoted, is {said}. Nothing was done. Mend the one that is wrong"
    )
