"""Repositories and a bucket that are there already when a stack is about to make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from clients.aws import AwsAccess, AwsError, client, translated
from infra.access import access_of
from infra.former import Former
from infra.losses import repositories_made
from infra.settings import Settings

_AT_ONCE = 16  # requests to ECR
_PUBLIC_REGION = "us-east-1"  # ECR Public is nowhere else
_ABSENT = ("RepositoryNotFoundException", "404", "NoSuchBucket")
# Who may not look will be told by AWS when the stack makes it.
_UNSAID = ("AccessDenied", "AccessDeniedException", "403")


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """What this update takes over instead of making it."""

    images: frozenset[str] = frozenset()
    """Images whose repository is there."""
    bucket: bool = False
    """Whether the bucket is."""


def adoption_of(
    settings: Settings, images: Iterable[str], before: Former, *, wished: bool
) -> Adoption:
    """Looks for what the state does not have yet; a stack that has made all asks nobody.

    Raises `ValueError` naming all that exists, unless to take it over is `wished`.
    """
    wanted = repositories_made(settings, images)
    new = {each: name for each, name in wanted.items() if before.repositories.get(each) != name}
    bucket = settings.bundles.bucket
    new_bucket = settings.bundles.create and before.bucket != bucket
    if not new and not new_bucket:
        return Adoption()
    access = access_of(settings)
    found = Adoption(
        images=frozenset(_existing(access, settings.registry.kind, new)),
        bucket=new_bucket and _is_there(lambda: _bucket(access, bucket)),
    )
    if not wished and (found.images or found.bucket):
        raise ValueError(_refusal(settings, found, new))
    return found


def _existing(access: AwsAccess, kind: str, new: Mapping[str, str]) -> list[str]:
    region = _PUBLIC_REGION if kind == "ecr-public" else access.region

    def ask(name: str) -> Any:
        ecr = client(access, kind, region)
        with translated(f"looking for the repository {name}"):
            return ecr.describe_repositories(repositoryNames=[name])

    if not new:
        return []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        there = pool.map(lambda name: _is_there(lambda: ask(name)), new.values())
        return [image for image, found in zip(new, there, strict=True) if found]


def _bucket(access: AwsAccess, name: str) -> Any:
    with translated(f"looking for the bucket {name}"):
        # Only one's own: a bucket of somebody else is never taken over.
        owner = {"ExpectedBucketOwner": access.account} if access.account else {}
        return client(access, "s3").head_bucket(Bucket=name, **owner)


def _is_there(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except AwsError as error:
        if error.code in (*_ABSENT, *_UNSAID):
            return False
        raise
    return True


def _refusal(settings: Settings, found: Adoption, new: Mapping[str, str]) -> str:
    listed = [f"  repository {new[each]}" for each in new if each in found.images]
    if found.bucket:
        listed.append(f"  bucket {settings.bundles.bucket}")
    return "\n".join(
        [
            f"The stack {settings.stack!r} is to make these, but they exist in account "
            f"{settings.account or 'at hand'}:",
            *listed,
            "Nothing was done. If they were kept from a stack that is gone, take them over once, "
            f"with all they hold: SLIPWAY_ADOPT=true pulumi up --stack {settings.stack}. If "
            "another stack owns them, only use them: `create: false` in "
            f"{settings.project}:registry or {settings.project}:bundles",
        ]
    )
