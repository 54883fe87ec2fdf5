"""The checks that moto has but leaves off. moto reads them once, when it is imported."""

import os

CHECKS = (
    "MOTO_IAM_LOAD_MANAGED_POLICIES",
    "MOTO_ENABLE_AMI_VALIDATION",
    "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION",
)


def demand() -> None:
    """Turns them on; to be called before anything imports moto."""
    os.environ.update(dict.fromkeys(CHECKS, "true"))
