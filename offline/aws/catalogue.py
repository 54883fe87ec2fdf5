"""Every resource type and every lookup that the plugin knows, by token."""

from collections.abc import Mapping

from offline.plugin.definition import Plugin
from offline.plugin.table import InvokeType, ResourceType

from . import ecr, iam, s3_parts, ssm
from .account import connect
from .call import Call
from .cloud import settings
from .ec2_egress import EGRESS_RULE
from .ec2_groups import GROUP
from .ec2_instance import INSTANCE
from .ecr_policy import REPOSITORY_POLICY
from .ecr_public import PUBLIC_REPOSITORY
from .ecs_cluster import CLUSTER
from .ecs_service import SERVICE
from .ecs_task_definition import TASK_DEFINITION
from .event_rule import EVENT_RULE
from .event_target import EVENT_TARGET
from .failures import reason
from .iam_policy import POLICY
from .iam_provider import PROVIDER
from .iam_role import ROLE
from .lambda_function import FUNCTION
from .lambda_permission import PERMISSION
from .lambda_url import FUNCTION_URL
from .lb import LOAD_BALANCER
from .lb_listener import LISTENER
from .lb_target_group import TARGET_GROUP
from .log_group import LOG_GROUP
from .lookups import INVOKES
from .s3_bucket import BUCKET
from .s3_object import OBJECT

VERSION = "7.51.1"

RESOURCE_TYPES: Mapping[str, ResourceType[Call]] = {
    kind.token: kind
    for kind in (
        *ecr.TYPES,
        *iam.TYPES,
        *s3_parts.TYPES,
        *ssm.TYPES,
        ROLE,
        POLICY,
        PROVIDER,
        BUCKET,
        OBJECT,
        GROUP,
        EGRESS_RULE,
        INSTANCE,
        PUBLIC_REPOSITORY,
        REPOSITORY_POLICY,
        CLUSTER,
        SERVICE,
        TASK_DEFINITION,
        FUNCTION,
        FUNCTION_URL,
        PERMISSION,
        LOG_GROUP,
        EVENT_RULE,
        EVENT_TARGET,
        LOAD_BALANCER,
        TARGET_GROUP,
        LISTENER,
    )
}

INVOKE_TYPES: Mapping[str, InvokeType[Call]] = {kind.token: kind for kind in INVOKES}

PLUGIN = Plugin(
    name="aws",
    version=VERSION,
    resource_types=RESOURCE_TYPES,
    invoke_types=INVOKE_TYPES,
    configure=connect,
    check_settings=settings,
    reason=reason,
)
