"""What a call of the AWS API needs."""

from typing import Any

from moto.ecr.models import ecr_backends

from localcloud.aws_request import AwsRequest
from localcloud.calls import lambda_rest, s3
from localcloud.calls.compute import (
    cluster_context,
    ec2_context,
    instance_context,
    launch_context,
)
from localcloud.calls.implied import implied, lambda_pull
from localcloud.calls.need import Need
from localcloud.calls.resources import resources
from localcloud.calls.tags import requested_tags
from localcloud.iam.roles import find_role

FREE = {"sts:GetCallerIdentity"}
"""Nobody needs a right for these, and no policy denies them."""
BY_TRUST = ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")
"""Calls without a caller: the role's trust policy alone speaks about them."""


def needs(request: AwsRequest, environ: dict[str, Any]) -> list[Need]:
    """What a call needs, its own action first."""
    if request.service == "s3":
        return s3.needs(environ)
    if request.service == "lambda":
        found = lambda_rest.needs(request, environ)
        return [*found, *_lambda_pulls(request, found, environ)]
    action = f"{request.service}:{request.action}"
    if action in FREE or request.action in BY_TRUST:
        return []
    if action == "ssm:SendCommand":
        return _send_command(request)
    arns = resources(request, action)
    context = _context(request)
    context |= requested_tags(request)
    own = [
        Need(action=action, resource=arn, context={**context, **_tags(request, arn)})
        for arn in arns
    ]
    return [*own, *implied(request, arns)]


def _context(request: AwsRequest) -> dict[str, list[str]]:
    if request.service == "ecs":
        return cluster_context(request)
    if request.service != "iam":
        return {}
    held = find_role(f"arn:aws:iam::{request.account}:role/{request.text('RoleName')}")
    bound = request.text("PermissionsBoundary") or getattr(held, "permissions_boundary_arn", None)
    keys = {
        "iam:PermissionsBoundary": bound,
        "iam:PolicyARN": request.text("PolicyArn"),
    }
    return {name: [str(value)] for name, value in keys.items() if value}


def _tags(request: AwsRequest, arn: str) -> dict[str, list[str]]:
    if request.service == "ec2" and arn != "*":
        return {**ec2_context(request, arn), **launch_context(request, arn)}
    return {}


def _send_command(request: AwsRequest) -> list[Need]:
    """The document, and every instance with its tags; targets by tag are judged by the tags."""
    action, home = "ssm:SendCommand", f"arn:aws:ec2:{request.region}:{request.account}:instance/"
    found = [Need(action=action, resource=arn) for arn in resources(request, action)]
    for instance in request.items("InstanceIds"):
        tags = instance_context(str(instance))
        found.append(Need(action=action, resource=f"{home}{instance}", context=tags))
    for target in request.items("Targets"):
        key = str(target.get("Key"))
        tags = {f"ssm:resourceTag/{key[4:]}": target["Values"]} if key.startswith("tag:") else {}
        found.append(Need(action=action, resource=f"{home}*", context=tags))
    return found


def _lambda_pulls(request: AwsRequest, found: list[Need], environ: dict[str, Any]) -> list[Need]:
    if not any(each.action in lambda_rest.PULLING for each in found):
        return []
    name = lambda_rest.repository(environ)
    known = ecr_backends[request.account][request.region].repositories.get(name)
    return lambda_pull(known.arn, known.policy) if known is not None else []
