"""What AWS asks for along with a call: the right to pass on a role, to tag, to use a key."""

import json
from typing import Any

from moto.ecs.models import ecs_backends
from moto.iam.models import iam_backends

from localcloud.aws_request import AwsRequest
from localcloud.calls.keys import decrypting
from localcloud.calls.need import Need
from localcloud.calls.tags import requested_tags

TAGGING = {
    ("ecr", "CreateRepository"): "ecr:TagResource",
    ("ecr-public", "CreateRepository"): "ecr-public:TagResource",
    ("ecs", "CreateCluster"): "ecs:TagResource",
    ("ecs", "CreateService"): "ecs:TagResource",
    ("ecs", "RegisterTaskDefinition"): "ecs:TagResource",
    ("ecs", "RunTask"): "ecs:TagResource",
    ("events", "PutRule"): "events:TagResource",
    ("iam", "CreateRole"): "iam:TagRole",
    ("iam", "CreateInstanceProfile"): "iam:TagInstanceProfile",
    ("logs", "CreateLogGroup"): "logs:TagResource",
    ("ssm", "CreateDocument"): "ssm:AddTagsToResource",
    ("ssm", "PutParameter"): "ssm:AddTagsToResource",
    ("elasticloadbalancing", "CreateLoadBalancer"): "elasticloadbalancing:AddTags",
    ("elasticloadbalancing", "CreateTargetGroup"): "elasticloadbalancing:AddTags",
    ("elasticloadbalancing", "CreateListener"): "elasticloadbalancing:AddTags",
    ("ec2", "RunInstances"): "ec2:CreateTags",
    ("ec2", "CreateSecurityGroup"): "ec2:CreateTags",
}


def implied(request: AwsRequest, resources: list[str]) -> list[Need]:
    """The further needs of a call about these resources."""
    return [*_roles(request), *_tags(request, resources), *_values(request), *_bearer(request)]


def passing(role: str, service: str) -> Need:
    """The right to give a role to a service."""
    context = {"iam:PassedToService": [f"{service}.amazonaws.com"]}
    return Need(action="iam:PassRole", resource=role, context=context, by="implied")


def _roles(request: AwsRequest) -> list[Need]:
    call = (request.service, request.action)
    if call == ("ecs", "RegisterTaskDefinition"):
        names = ("taskRoleArn", "executionRoleArn")
        given = [request.text(name) for name in names]
        return [passing(role, "ecs-tasks") for role in given if role]
    if call == ("ecs", "RunTask"):
        return [passing(role, "ecs-tasks") for role in roles_of_task(request)]
    if call == ("events", "PutTargets"):
        roles = {target.get("RoleArn") for target in request.items("Targets")}
        return [passing(str(role), "events") for role in roles if role]
    if call == ("iam", "AddRoleToInstanceProfile"):
        role = f"arn:aws:iam::{request.account}:role/{request.text('RoleName')}"
        return [passing(role, "ec2")]
    if call in (("ec2", "RunInstances"), ("ec2", "AssociateIamInstanceProfile")):
        return [passing(role, "ec2") for role in _profiled(request)]
    return []


def roles_of_task(request: AwsRequest) -> list[str]:
    """The roles of the task that a RunTask starts: its definition's, or what takes their place."""
    word = str(request.text("taskDefinition")).rpartition("/")[2]
    family, _, revision = word.partition(":")
    backend = ecs_backends[request.account][request.region]
    known: dict[int, Any] = backend.task_definitions.get(family) or {}
    found = known.get(int(revision)) if revision.isdigit() else known.get(max(known, default=0))
    given = request.parameters.get("overrides") or {}
    pairs = (("taskRoleArn", "task_role_arn"), ("executionRoleArn", "execution_role_arn"))
    roles = [given.get(name) or getattr(found, attribute, None) for name, attribute in pairs]
    return sorted({str(role) for role in roles if role})


def _profiled(request: AwsRequest) -> list[str]:
    wanted = [v for name, v in request.parameters.items() if "IamInstanceProfile" in name]
    profiles = iam_backends[request.account]["aws"].instance_profiles.values()
    return [r.arn for p in list(profiles) if {p.name, p.arn} & set(wanted) for r in p.roles]


def _tags(request: AwsRequest, resources: list[str]) -> list[Need]:
    action = TAGGING.get((request.service, request.action))
    words = ("tags", "Tags", "Tag", "TagSpecification")
    given = [name for name, v in request.parameters.items() if name.split(".")[0] in words and v]
    if action is None or not given:
        return []
    context = requested_tags(request)
    if request.service == "ec2":
        context["ec2:CreateAction"] = [request.action]
    made = resources[:1] if request.service != "iam" else resources
    return [Need(action=action, resource=arn, context=context, by="implied") for arn in made]


def _values(request: AwsRequest) -> list[Need]:
    if request.service == "ssm" and request.parameters.get("WithDecryption"):
        names = [request.text("Name"), *request.items("Names")]
        return decrypting(request, "ssm", [str(name) for name in names if name])
    if (request.service, request.action) == ("secretsmanager", "GetSecretValue"):
        return decrypting(request, "secretsmanager", [str(request.text("SecretId"))])
    return []


def _bearer(request: AwsRequest) -> list[Need]:
    if (request.service, request.action) != ("ecr-public", "GetAuthorizationToken"):
        return []
    context = {"sts:AWSServiceName": ["ecr-public.amazonaws.com"]}
    return [Need(action="sts:GetServiceBearerToken", context=context, by="implied")]


def lambda_pull(repository: str, policy: str | None) -> list[Need]:
    """What Lambda does with the caller's rights where a repository doesn't let it pull yet.

    https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions
    """
    known = json.loads(policy) if policy else {}
    if "lambda.amazonaws.com" in json.dumps(known):
        return []
    actions = ("ecr:GetRepositoryPolicy", "ecr:SetRepositoryPolicy")
    return [Need(action=action, resource=repository, by="documented") for action in actions]
