"""Checks of image repositories."""

from __future__ import annotations

from tests.policy.check import Check, Reason, beside, on_each
from tests.policy.resources import Resource, put, without

REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"


def _immutable(repository: Resource) -> bool:
    """Immutable but for `latest*` and the cache, which no release is deployed by."""
    filters = repository.get("imageTagMutabilityExclusionFilters", [])
    movable = all(str(each["filter"]).startswith(("latest", "cache")) for each in filters)
    kind = repository.get("imageTagMutability")
    return kind == "IMMUTABLE" or (kind == "IMMUTABLE_WITH_EXCLUSION" and bool(filters) and movable)


CHECKS: tuple[Check, ...] = (
    on_each(
        REPOSITORY,
        ids="CKV_AWS_51, ECR.2",
        title="image tags are immutable, all but `latest*` and cache tags",
        holds=_immutable,
        loosened=put(REPOSITORY, "imageTagMutabilityExclusionFilters.0.filter", "*"),
    ),
    on_each(
        REPOSITORY,
        ids="CKV_AWS_163, ECR.1",
        title="images are scanned when they are pushed",
        holds=lambda one: one.get("imageScanningConfiguration.scanOnPush") is True,
        loosened=put(REPOSITORY, "imageScanningConfiguration.scanOnPush", False),
    ),
    beside(
        REPOSITORY,
        LIFECYCLE,
        key="name=repository",
        ids="ECR.3",
        title="a lifecycle policy is set",
        holds=lambda one: bool(one.get("policy")),
        loosened=without(LIFECYCLE),
    ),
    on_each(
        REPOSITORY,
        ids="CKV_AWS_136",
        title="images are encrypted with a KMS key",
        holds=lambda one: one.get("encryptionConfigurations.0.encryptionType") == "KMS",
        loosened=put(REPOSITORY, "encryptionConfigurations.0.encryptionType", "AES256"),
        accepted="AES256 of AWS by default: a key of one's own costs, and can be lost; "
        "`registry.kms_key`",
    ),
    on_each(
        REPOSITORY,
        ids="never emptied",
        title="no destroy or replacement deletes images",
        holds=lambda one: one.get("forceDelete") is False,
        loosened=put(REPOSITORY, "forceDelete", True),
    ),
)

REASONS = (
    Reason(
        ids="ECR managed signing, cosign",
        title="images are signed",
        reason="a setting of the account's registry, not of a repository: see "
        "[supply-chain.md](supply-chain.md). Every target runs by digest, and a host refuses "
        "another digest than the one that was judged",
    ),
)
