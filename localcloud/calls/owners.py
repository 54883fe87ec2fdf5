"""Whose a resource is, and its own policy: buckets and repositories have one."""

from dataclasses import dataclass

from moto.ecr.models import ecr_backends
from moto.s3.models import s3_backends

from localcloud.iam.request import Document
from localcloud.iam.verdict import read


@dataclass(frozen=True, kw_only=True)
class Owned:
    """Account and policy of a resource."""

    account: str = ""
    """Empty if nobody has it, or the ARN doesn't say."""
    policy: Document | None = None
    """None without one."""


def owned(arn: str) -> Owned:
    """Account and policy of what an ARN names."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return Owned()
    _, _, service, region, account, rest = parts
    if service == "s3":
        return _bucket(rest.partition("/")[0])
    if service == "ecr" and rest.startswith("repository/"):
        found = ecr_backends[account][region].repositories.get(rest.partition("/")[2])
        policy = found.policy if found is not None else None
        return Owned(account=account, policy=read(policy) if policy else None)
    return Owned(account=account if service != "iam" else "")


def _bucket(name: str) -> Owned:
    found = s3_backends.bucket_accounts.get(name)
    if found is None:
        return Owned()
    bucket = s3_backends[found[1]]["aws"].buckets.get(name)
    policy = bucket.policy if bucket is not None else None
    return Owned(account=found[1], policy=read(policy.decode()) if policy else None)
