"""The actions that AWS knows no resource for: a policy can't name any but `*` with them."""

from __future__ import annotations

PAGE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_{}.html"
"""AWS's tables of actions and their resources, one page a service."""

_NAMES = {
    "amazonelasticcontainerregistry": ("ecr", "GetAuthorizationToken"),
    "amazonelasticcontainerregistrypublic": ("ecr-public", "GetAuthorizationToken"),
    "awssecuritytokenservice": ("sts", "GetCallerIdentity GetServiceBearerToken"),
    "amazonec2": (
        "ec2",
        "DescribeIamInstanceProfileAssociations DescribeImages "
        "DescribeInstanceCreditSpecifications DescribeInstanceTypes DescribeInstances "
        "DescribeNetworkInterfaces DescribeRouteTables DescribeSecurityGroups DescribeSubnets "
        "DescribeTags DescribeVolumes DescribeVpcs",
    ),
    "awssystemsmanager": (
        "ssm",
        "CancelCommand DescribeInstanceInformation DescribeParameters GetCommandInvocation",
    ),
    "amazonsessionmanagermessagegatewayservice": (
        "ssmmessages",
        "CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel",
    ),
    "amazoncloudwatchlogs": ("logs", "DescribeLogGroups"),
    "amazonelasticcontainerservice": ("ecs", "DescribeTaskDefinition"),
    "awsx-ray": ("xray", "PutTelemetryRecords PutTraceSegments"),
    "awselasticloadbalancingv2": (
        "elasticloadbalancing",
        "DescribeCapacityReservation DescribeListenerAttributes DescribeListeners "
        "DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeTags "
        "DescribeTargetGroupAttributes DescribeTargetGroups",
    ),
}

ANYWHERE: dict[str, str] = {
    f"{service}:{name}": PAGE.format(page)
    for page, (service, names) in _NAMES.items()
    for name in names.split()
}
"""Each action with the page that says so."""
