"""Which resources an API call is about, as ARNs; `*` where AWS knows none for the action.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Callable
from typing import Any

from moto.secretsmanager.models import secretsmanager_backends

from localcloud.aws_request import AwsRequest
from localcloud.calls.compute import ec2, ecs

NO_RESOURCE = {
    *("ecr:GetAuthorizationToken", "ecr:GetAccountSetting", "ecr:PutAccountSetting"),
    *("ssm:GetCommandInvocation", "ssm:ListCommandInvocations", "ssm:ListCommands"),
    *("ssm:CancelCommand", "ssm:DescribeInstanceInformation", "ssm:DescribeParameters"),
    *("events:ListRules", "logs:DescribeLogGroups"),
    *("iam:ListRoles", "iam:ListPolicies", "iam:ListOpenIDConnectProviders"),
}


def resources(request: AwsRequest, action: str) -> list[str]:
    """The ARNs of a call; never empty."""
    finder = FINDERS.get(request.service)
    if action in NO_RESOURCE or finder is None:
        return ["*"]
    return [arn for arn in finder(request) if arn] or ["*"]


def _arn(request: AwsRequest, rest: str, service: str = "") -> str:
    region, account = request.region, request.account
    return f"arn:aws:{service or request.service}:{region}:{account}:{rest}"


def _ecr(request: AwsRequest) -> list[str]:
    account = request.text("registryId") or request.account
    region = "" if request.service == "ecr-public" else request.region
    names = [request.text("repositoryName"), *request.items("repositoryNames")]
    home = f"arn:aws:{request.service}:{region}:{account}:repository"
    if request.action.startswith("DescribeReg"):
        return []
    found = [f"{home}/{name}" for name in names if name] + [request.text("resourceArn") or ""]
    return found if any(found) else [f"{home}/*"]


def _ssm(request: AwsRequest) -> list[str]:
    kind = request.text("ResourceType") or ""
    named = request.text("ResourceId") or ""
    if kind:
        return [_arn(request, f"{kind.lower()}/{named.lstrip('/')}")]
    if "Parameter" in request.action:
        names = [request.text("Name"), request.text("Path"), *request.items("Names")]
        return [_parameter(request, str(name)) for name in names if name]
    document = request.text("DocumentName") or request.text("Name")
    if not document:
        return []
    # A document of AWS's own has no account.
    own = "" if document.startswith("AWS-") else request.account
    return [f"arn:aws:ssm:{request.region}:{own}:document/{document}"]


def _parameter(request: AwsRequest, name: str) -> str:
    if name.startswith("arn:"):
        return name
    own = "" if name.startswith("/aws/service/") else request.account
    return f"arn:aws:ssm:{request.region}:{own}:parameter/{name.lstrip('/')}"


def _iam(request: AwsRequest) -> list[str]:
    home, path = f"arn:aws:iam::{request.account}:", request.text("Path") or "/"
    for word in ("PolicyArn", "OpenIDConnectProviderArn"):
        if "Role" not in request.action and request.text(word):
            return [str(request.text(word))]
    # A role in an instance profile is passed on; the call itself is about the profile.
    for word, kind in (("InstanceProfileName", "instance-profile"), ("RoleName", "role")):
        if request.text(word):
            return [f"{home}{kind}{path}{request.text(word)}"]
    if request.action == "CreatePolicy":
        return [f"{home}policy{path}{request.text('PolicyName')}"]
    if request.action == "CreateOpenIDConnectProvider":
        return [f"{home}oidc-provider/{(request.text('Url') or '').removeprefix('https://')}"]
    return []


def _logs(request: AwsRequest) -> list[str]:
    given = request.text("resourceArn")
    if given:
        return [given]
    group = request.text("logGroupName") or request.text("logGroupIdentifier") or ""
    # All but the calls about tags are judged with the stream's part, empty if there is none:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    stream = request.text("logStreamName") or ""
    return [_arn(request, f"log-group:{group}:log-stream:{stream}")]


def _events(request: AwsRequest) -> list[str]:
    given = request.text("ResourceARN")
    name = request.text("Rule") or request.text("Name")
    return [given or (_arn(request, f"rule/{name}") if name else "")]


def _secrets(request: AwsRequest) -> list[str]:
    wanted = request.text("SecretId") or ""
    backend = secretsmanager_backends[request.account][request.region]
    known = next((s for s in list(backend.secrets.values()) if wanted in (s.arn, s.name)), None)
    name = request.text("Name")
    fallback = wanted if wanted.startswith("arn:") else _arn(request, f"secret:{wanted or name}")
    return [str(known.arn) if known is not None else fallback]


def _balancers(request: AwsRequest) -> list[str]:
    if request.action.startswith("Describe"):
        return []
    words = ("LoadBalancerArn", "TargetGroupArn", "ListenerArn", "ResourceArns.member.1")
    found = [str(request.text(word)) for word in words if request.text(word)]
    kinds = {"CreateLoadBalancer": "loadbalancer/app", "CreateTargetGroup": "targetgroup"}
    if not found and request.action in kinds:
        return [_arn(request, f"{kinds[request.action]}/{request.text('Name')}/0")]
    # A new listener is judged at its balancer, not at its target group.
    return found[:1]


def _kms(request: AwsRequest) -> list[str]:
    key = request.text("KeyId") or ""
    return [key if key.startswith("arn:") else _arn(request, f"key/{key}")] if key else []


def _sts(request: AwsRequest) -> list[str]:
    return [request.text("RoleArn") or ""]


FINDERS: dict[str, Callable[[AwsRequest], list[Any]]] = {
    "ecr": _ecr,
    "ecr-public": _ecr,
    "ecs": ecs,
    "ec2": ec2,
    "elasticloadbalancing": _balancers,
    "events": _events,
    "iam": _iam,
    "kms": _kms,
    "logs": _logs,
    "secretsmanager": _secrets,
    "ssm": _ssm,
    "sts": _sts,
}
