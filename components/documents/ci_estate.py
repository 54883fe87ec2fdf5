"""A stack as far as rights are concerned: plain names, from its settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from components.documents import stack_names


@dataclass(frozen=True, kw_only=True)
class CiHost:
    """The machines of a stack."""

    create: bool
    """Whether the stack makes one."""
    tag: tuple[str, str]
    """Name and value of the tag that tells its machines from others."""
    subnet: str | None = None
    """The subnet of a made one; any if not given."""
    sessions: bool = False
    """Whether the stack owns the preferences and the log of sessions."""
    session_key: str | None = None
    """KMS key of sessions and their log."""
    parameter_paths: Sequence[str] = ()
    """Paths of Parameter Store that its services read."""


@dataclass(frozen=True, kw_only=True)
class CiEcs:
    """One service of ECS."""

    name: str
    """Its name in the stack file."""
    cluster: str | None = None
    """Name of a cluster that others have made."""
    balancer: bool = False
    """Whether it has a load balancer."""
    schedule: bool = False
    """Whether it runs by the clock."""


@dataclass(frozen=True, kw_only=True)
class CiFunction:
    """One function of Lambda."""

    name: str
    """Its name in the stack file."""
    repository: str
    """Name of the repository of its image."""
    url: bool = False
    """Whether it has an address."""


@dataclass(frozen=True, kw_only=True)
class CiState:
    """Where Pulumi keeps the state of the stack."""

    bucket: str
    """The bucket."""
    project: str
    """Name of the Pulumi project."""
    key_arn: str | None = None
    """The KMS key of the state's secrets, or of the bucket."""


@dataclass(frozen=True, kw_only=True)
class CiEvents:
    """Who is told of deployments, as far as AWS is concerned."""

    topic: str | None = None
    """ARN of the SNS topic."""
    parameters: Sequence[str] = ()
    """Parameters whose values address or sign events."""
    secrets: Sequence[str] = ()
    """Secrets whose values do."""


@dataclass(frozen=True, kw_only=True)
class CiEstate:
    """All that the role of a stack's workflows has to reach."""

    stack: str
    """Name of the stack."""
    region: str
    """AWS region."""
    account: str
    """AWS account, 12 digits."""
    images: Literal["build", "within", "across"]
    """Whether it builds, promotes inside of its repositories, or from others."""
    registry: Literal["ecr", "ecr-public", "other"] = "ecr"
    """Where its images are; AWS has no say in other registries."""
    repositories: Sequence[str] = ()
    """Names of its repositories."""
    makes_repositories: bool = True
    """Whether they are the stack's own."""
    registry_key: str | None = None
    """KMS key that they are encrypted with, if it is one's own."""
    sources: Sequence[str] = ()
    """ARNs of the repositories that it promotes from, when they are others."""
    bucket: str
    """Bucket of bundles and records."""
    makes_bucket: bool = True
    """Whether the bucket is the stack's own."""
    bucket_key: str | None = None
    """KMS key that it is encrypted with, if it is one's own."""
    source: tuple[str, str] | None = None
    """Bucket and stack of the records that it promotes from."""
    host: CiHost | None = None
    """Its machines."""
    ecs: Sequence[CiEcs] = ()
    """Its services of ECS."""
    functions: Sequence[CiFunction] = ()
    """Its functions."""
    log_key: str | None = None
    """KMS key of its logs and of its functions' variables, if it is one's own."""
    parameters: Sequence[str] = ()
    """Parameters that its services name."""
    secrets: Sequence[str] = ()
    """Secrets that its services name."""
    events: CiEvents | None = None
    """Who is told of its deployments."""
    state: CiState | None = None
    """Its state, when it is in S3."""
    boundary_arn: str | None = None
    """A boundary of one's own; the stack's if not given."""

    @property
    def boundary(self) -> str:
        """ARN of the policy that bounds every role of the stack."""
        return self.boundary_arn or self.iam(f"policy/{stack_names.boundary(self.stack)}")

    @property
    def roles(self) -> dict[str, tuple[str, ...]]:
        """Names of the roles that the stack makes, by the AWS service that takes them."""
        scheduled = [each.name for each in self.ecs if each.schedule]
        named = {
            "ec2": [stack_names.host_role(self.stack)] * bool(self.host and self.host.create),
            "ecs-tasks": [
                name(self.stack, each.name)
                for each in self.ecs
                for name in (stack_names.execution_role, stack_names.task_role)
            ],
            "events": [stack_names.schedule_role(self.stack, name) for name in scheduled],
            "lambda": [stack_names.function_role(self.stack, f.name) for f in self.functions],
        }
        return {service: tuple(roles) for service, roles in named.items() if roles}

    def arn(self, service: str, resource: str) -> str:
        """ARN of something in the stack's region and account."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def iam(self, resource: str) -> str:
        """ARN of something in IAM, which has no regions."""
        return f"arn:aws:iam::{self.account}:{resource}"

    def s3(self, path: str) -> str:
        """ARN of a bucket or of objects."""
        return f"arn:aws:s3:::{path}"

    @property
    def repository_arns(self) -> list[str]:
        """Its own repositories; none outside of ECR."""
        if self.registry == "ecr-public":
            service = f"arn:aws:ecr-public::{self.account}"
            return [f"{service}:repository/{name}" for name in self.repositories]
        if self.registry == "other":
            return []
        return [self.arn("ecr", f"repository/{name}") for name in self.repositories]
