"""Every resource type and every lookup that the plugin knows, by token."""

from collections.abc import Mapping

from . import ecr, iam, s3_parts, ssm
from .ec2_egress import EGRESS_RULE
from .ec2_groups import GROUP
from .ec2_instance import INSTANCE
from .ecr_policy import REPOSITORY_POLICY
from .ecr_public import PUBLIC_REPOSITORY
from .iam_role import ROLE
from .lookups import INVOKES
from .s3_bucket import BUCKET
from .s3_object import OBJECT
from .table import InvokeType, ResourceType

VERSION = "7.51.1"

RESOURCE_TYPES: Mapping[str, ResourceType] = {
    kind.token: kind
    for kind in (
        *ecr.TYPES,
        *iam.TYPES,
        *s3_parts.TYPES,
        *ssm.TYPES,
        ROLE,
        BUCKET,
        OBJECT,
        GROUP,
        EGRESS_RULE,
        INSTANCE,
        PUBLIC_REPOSITORY,
        REPOSITORY_POLICY,
    )
}

INVOKE_TYPES: Mapping[str, InvokeType] = {kind.token: kind for kind in INVOKES}
