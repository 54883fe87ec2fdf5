"""Bucket policies are judged with all others: moto's own judgement, which reads no conditions, is
switched off."""

from typing import Any


def judged_elsewhere() -> None:
    """Makes moto's buckets leave policies to the gateway, which has judged every call before."""
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket

    def get_permission(self: FakeBucket, action: str, resource: str) -> Any:
        del self, action, resource
        return PermissionResult.NEUTRAL

    FakeBucket.get_permission = get_permission  # type: ignore[method-assign]
