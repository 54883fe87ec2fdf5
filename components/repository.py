"""The repository of one image."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

# The names that may move; every other one is immutable.
MOVABLE = ("latest", "latest-*")


@dataclass(frozen=True, kw_only=True)
class ImageRepositoryArgs:
    """Where one image is kept."""

    image: str
    """Name of the image."""
    repository: str
    """Name of the repository in its registry."""
    registry: str
    """ecr, or host:port of any OCI registry, which makes its repositories by itself."""
    create: bool
    """Whether this stack owns the repository; false: it is looked up."""
    protect: bool
    """Pulumi refuses to delete or replace it."""
    region: str
    """AWS region."""
    kms_key: pulumi.Input[str] | None = None
    """ARN of a KMS key; AWS's own encryption if not given. Another one replaces the repository."""
    adopt: bool = False
    """Takes over a repository that exists already, such as one that `pulumi destroy` has kept."""


class ImageRepository(pulumi.ComponentResource):
    """Makes, or looks up, an ECR repository with immutable names; gives back its URI.

    Destroying it keeps it with all its images.
    """

    uri: pulumi.Output[str]
    """host/path, without a tag."""
    arn: pulumi.Output[str | None]
    """Its ARN; None outside of ECR."""

    def __init__(
        self, name: str, args: ImageRepositoryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:ImageRepository", name, None, opts)
        self._name = name
        if args.registry != "ecr":
            self.uri = pulumi.Output.from_input(f"{args.registry}/{args.repository}")
            self.arn = pulumi.Output.from_input(None)
        elif args.create:
            made = self._create_repository(args)
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
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                retain_on_delete=True,
                import_=args.repository if args.adopt else None,
            ),
        )

    def _look_up_repository(
        self, args: ImageRepositoryArgs
    ) -> pulumi.Output[aws.ecr.GetRepositoryResult]:
        found: pulumi.Output[aws.ecr.GetRepositoryResult] = aws.ecr.get_repository_output(
            name=args.repository, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        return found
