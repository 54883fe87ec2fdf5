"""What a protected stack never deletes by accident."""

from __future__ import annotations

import pulumi

from infra.settings import Settings

# By what is lost: images, records and bundles, logs, the keys to them, the disk of a machine, and
# whatever else people keep in a namespace. What
# is made again by the next `pulumi up` (services, functions, roles, policies) is none of it.
HOLDS_DATA = frozenset(
    {
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:ec2/instance:Instance",
        "aws:ecr/repository:Repository",
        "aws:ecrpublic/repository:Repository",
        "aws:kms/key:Key",
        "aws:s3/bucket:Bucket",
        "kubernetes:core/v1:Namespace",
    }
)


def protect_data(settings: Settings) -> None:
    """From now on, registers everything that holds data with Pulumi's `protect`, if the stack is
    protected: an update or a destroy that would delete or replace it stops."""
    if settings.protected:
        pulumi.runtime.register_stack_transformation(_protected)


def _protected(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult | None:
    if args.type_ not in HOLDS_DATA:
        return None
    opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=True))
    return pulumi.ResourceTransformationResult(props=args.props, opts=opts)
