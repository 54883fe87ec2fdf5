"""The repository of one image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.documents.lifecycle import Retention, lifecycle_policy
from components.documents.repository_policy import readers_policy

# The names that may move; every other one is immutable.
MOVABLE = ("latest", "latest-*")
PUBLIC_REGION = "us-east-1"  # ECR Public is nowhere else


@dataclass(frozen=True, kw_only=True)
class ImageRepositoryArgs:
    """Where one image is kept."""

    image: str
    """Name of the image."""
    repository: str
    """Name of the repository in its registry."""
    registry: str
    """ecr, ecr-public, or host:port of any OCI registry, which makes its repositories by itself."""
    create: bool
    """Whether this stack owns the repository; false: it is looked up."""
    protect: bool
    """Pulumi refuses to delete or replace it."""
    region: str
    """AWS region."""
    alias: str | None = None
    """The account's alias in ECR Public, such as a1b2c3d4; needed there and nowhere else."""
    public_host: str = "public.ecr.aws"
    """The host of ECR Public."""
    readers: Sequence[str] = ()
    """Other accounts (12 digits each) that may pull from a private repository made here."""
    functions: bool = False
    """Whether functions of this account run the image: with readers, Lambda needs to be named."""
    retention: Retention | None = None
    """What a private repository made here keeps for good, and when the rest goes; None: all."""
    kms_key: pulumi.Input[str] | None = None
    """ARN of a KMS key; AWS's own encryption if not given. Another one replaces the repository."""
    adopt: bool = False
    """Takes over a repository that exists already, such as one that `pulumi destroy` has kept."""


class ImageRepository(pulumi.ComponentResource):
    """Makes, or looks up, an ECR repository; gives back its URI.

    Names in private ECR are immutable, pushes are scanned, and builds that nobody needs go in time.
    ECR Public has no such settings. Destroying it keeps it with all its images, and then nothing
    goes any more. Raises `ValueError` if ECR Public is wanted without an alias.
    """

    uri: pulumi.Output[str]
    """host/path, without a tag."""
    arn: pulumi.Output[str | None]
    """Its ARN; None where pulling needs no permission of AWS: outside of private ECR."""

    def __init__(
        self, name: str, args: ImageRepositoryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:ImageRepository", name, None, opts)
        self._name = name
        if args.registry == "ecr-public":
            self.uri = self._public_uri(args)
            self.arn = pulumi.Output.from_input(None)
        elif args.registry != "ecr":
            self.uri = pulumi.Output.from_input(f"{args.registry}/{args.repository}")
            self.arn = pulumi.Output.from_input(None)
        elif args.create:
            made = self._create_repository(args)
            self._open_to_readers(args, made)
            self._create_lifecycle(args, made)
            self.uri, self.arn = made.repository_url, made.arn
        else:
            found = self._look_up_repository(args)
            self.uri = found.apply(lambda each: str(each.repository_url))
            self.arn = found.apply(lambda each: str(each.arn))
        self.register_outputs({"uri": self.uri, "arn": self.arn})

    def _create_repository(self, args: ImageRepositoryArgs) -> aws.ecr.Repository:
        encryption = aws.ecr.RepositoryEncryptionConfigurationArgs(
            encryption_type="KMS" if args.kms_key else "AES256", kms_key=args.kms_key
        )
        return aws.ecr.Repository(
            f"{self._name}-repository",
            name=args.repository,
            image_tag_mutability="IMMUTABLE_WITH_EXCLUSION",
            image_tag_mutability_exclusion_filters=[
                aws.ecr.RepositoryImageTagMutabilityExclusionFilterArgs(
                    filter=pattern, filter_type="WILDCARD"
                )
                for pattern in MOVABLE
            ],
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(
                scan_on_push=True
            ),
            encryption_configurations=[encryption],
            force_delete=False,
            opts=self._kept(args),
        )

    def _public_uri(self, args: ImageRepositoryArgs) -> pulumi.Output[str]:
        if not args.alias:
            raise ValueError(
                f"{args.repository}: a repository of ECR Public needs the account's alias; add "
                "`alias: a1b2c3d4` to slipway:registry in the stack file (see it with "
                "`aws ecr-public describe-registries --region us-east-1`)"
            )
        if not args.create:
            return pulumi.Output.from_input(f"{args.public_host}/{args.alias}/{args.repository}")
        made = aws.ecrpublic.Repository(
            f"{self._name}-repository",
            repository_name=args.repository,
            region=PUBLIC_REGION,
            force_destroy=False,
            opts=self._kept(args),
        )
        uri: pulumi.Output[str] = made.repository_uri
        return uri

    def _kept(self, args: ImageRepositoryArgs) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self,
            protect=args.protect,
            retain_on_delete=True,
            import_=args.repository if args.adopt else None,
        )

    def _open_to_readers(self, args: ImageRepositoryArgs, made: aws.ecr.Repository) -> None:
        if args.readers:
            aws.ecr.RepositoryPolicy(
                f"{self._name}-readers",
                repository=made.name,
                policy=self._policy(args, made),
                opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
            )

    def _policy(self, args: ImageRepositoryArgs, made: aws.ecr.Repository) -> pulumi.Input[str]:
        if not args.functions:
            return readers_policy(args.readers)
        policy: pulumi.Output[str] = made.arn.apply(
            lambda arn: readers_policy(
                args.readers, functions_of=arn.split(":")[4], region=args.region
            )
        )
        return policy

    def _create_lifecycle(self, args: ImageRepositoryArgs, made: aws.ecr.Repository) -> None:
        if args.retention is not None:
            # Not kept when the stack goes: what nobody deploys any more would then expire.
            aws.ecr.LifecyclePolicy(
                f"{self._name}-lifecycle",
                repository=made.name,
                policy=lifecycle_policy(args.retention),
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _look_up_repository(
        self, args: ImageRepositoryArgs
    ) -> pulumi.Output[aws.ecr.GetRepositoryResult]:
        found: pulumi.Output[aws.ecr.GetRepositoryResult] = aws.ecr.get_repository_output(
            name=args.repository, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        return found
