"""The documents of the role that a stack's workflows take, and of the boundary that it can't leave.

The role may deploy what its stack file names and change nothing about itself: neither its own
policies, nor the boundary, nor who takes it. So a new image or service in the stack file is one
`pulumi up` of an administrator.
"""

from __future__ import annotations

from components.documents import stack_names
from components.documents.ci_actions import of
from components.documents.ci_estate import CiEstate, CiHost
from components.documents.ci_events import but_for_events, give_events
from components.documents.ci_images import give_images
from components.documents.ci_machines import give_groups, give_machines
from components.documents.ci_roles import give_roles
from components.documents.ci_storage import give_storage
from components.documents.ci_workloads import give_workloads
from components.documents.grants import Grants
from components.documents.physical_names import physical_name
from components.documents.policies import AGENT, PULL, host_reads
from components.documents.session_document import LOG_GROUP
from components.documents.statements import (
    ATTACHED_POLICIES_LIMIT,
    MANAGED_POLICY_LIMIT,
    Statement,
    document,
    packed,
)


def ci_documents(estate: CiEstate) -> list[str]:
    """The managed policies of the role, each of AWS's size, as JSON.

    Raises `ValueError` if the stack is too large for the policies that AWS lets a role have.
    """
    grants = Grants(estate.region)
    give_images(grants, estate)
    give_storage(grants, estate)
    give_machines(grants, estate)
    give_groups(grants, estate)
    give_workloads(grants, estate)
    _give_references(grants, estate)
    give_events(grants, estate)
    give_roles(grants, estate)
    documents = packed([*grants.whole(), *_never(estate)])
    if len(documents) > ATTACHED_POLICIES_LIMIT:
        raise ValueError(
            f"the rights of {estate.stack!r} need {len(documents)} policies, and AWS attaches "
            f"{ATTACHED_POLICIES_LIMIT} to a role; put some of its services into another stack"
        )
    return documents


def boundary_document(estate: CiEstate) -> str:
    """What no role of the stack may exceed, whatever policies it gets: the sum of what slipway
    gives hosts, tasks, functions and schedules.

    Raises `ValueError` if it is longer than AWS takes.
    """
    text = document(_within(estate))
    if len(text) > MANAGED_POLICY_LIMIT:
        raise ValueError(
            f"the boundary of {estate.stack!r} has {len(text)} characters, and AWS takes "
            f"{MANAGED_POLICY_LIMIT}; make one of your own and name it in slipway:ci.boundary"
        )
    return text


def _give_references(grants: Grants, estate: CiEstate) -> None:
    """Looking up what services read; of a parameter its ARN, since its value stays encrypted."""
    if estate.parameters:
        arns = [estate.arn("ssm", f"parameter/{name.lstrip('/')}") for name in estate.parameters]
        grants.give("FindParameters", of("ssm", "GetParameter"), arns)
    if estate.secrets:
        look = of("secretsmanager", "DescribeSecret GetResourcePolicy")
        grants.give("FindSecrets", look, _secret_arns(estate))


def _never(estate: CiEstate) -> list[Statement]:
    """GetParameter gives a value to whoever may decrypt it, and AWS's own key lets everybody."""
    if not estate.parameters:
        return []
    through = [f"{service}.{estate.region}.amazonaws.com" for service in ("secretsmanager", "ssm")]
    return [
        {
            "Sid": "NeverReadValues",
            "Effect": "Deny",
            "Action": list(of("kms", "Decrypt")),
            "Resource": [estate.arn("kms", "key/*")],
            "Condition": {"StringEquals": {"kms:ViaService": through}, **but_for_events(estate)},
        }
    ]


def _within(estate: CiEstate) -> list[Statement]:
    grants, stack = Grants(estate.region), physical_name(estate.stack, longest=200)
    grants.give("LogIn", of("ecr", "GetAuthorizationToken"), "*")
    if estate.registry == "ecr" and estate.repositories:
        grants.give("Pull", PULL, estate.repository_arns)
    if estate.host is not None and estate.host.create:
        _bound_host(grants, estate, estate.host)
    groups = [stack_names.function_log_group(estate.stack, each.name) for each in estate.functions]
    logs = [estate.arn("logs", f"log-group:{each}:*") for each in (f"/slipway/{stack}/*", *groups)]
    if estate.ecs or estate.functions:
        grants.give("Log", of("logs", "CreateLogStream PutLogEvents"), logs)
    if estate.functions:
        grants.give("Trace", of("xray", "PutTelemetryRecords PutTraceSegments"), "*")
    if estate.functions and estate.log_key is not None:
        grants.give("DecryptVariables", of("kms", "Decrypt"), estate.log_key)
    _bound_references(grants, estate)
    _bound_schedules(grants, estate)
    return grants.whole()


def _bound_host(grants: Grants, estate: CiEstate, host: CiHost) -> None:
    report = (*AGENT, *of("ssm", "UpdateInstanceInformation"))
    grants.give("Agent", report, estate.arn("ec2", "instance/*"))
    objects = [estate.s3(f"{estate.bucket}/{each}") for each in host_reads(estate.stack)]
    grants.give("ReadBundles", of("s3", "GetObject"), objects)
    # Sessions may be set up by another stack of the account.
    log = estate.arn("logs", f"log-group:{LOG_GROUP}")
    write = of("logs", "CreateLogStream DescribeLogGroups DescribeLogStreams PutLogEvents")
    printed = estate.arn("logs", f"log-group:{stack_names.host_log_group(estate.stack)}")
    both = [arn for each in (log, printed) for arn in (each, f"{each}:*")]
    grants.give("LogOnMachines", write, both)
    if host.parameter_paths:
        paths = [path.rstrip("/") for path in host.parameter_paths]
        below = [
            estate.arn("ssm", f"parameter{path}{more}") for path in paths for more in ("", "/*")
        ]
        grants.give("ReadPaths", of("ssm", "GetParametersByPath"), below)
    if keys := [key for key in (estate.bucket_key, host.session_key) if key is not None]:
        grants.give("Decrypt", of("kms", "Decrypt"), keys)


def _bound_references(grants: Grants, estate: CiEstate) -> None:
    if estate.parameters:
        arns = [estate.arn("ssm", f"parameter/{name.lstrip('/')}") for name in estate.parameters]
        grants.give("ReadParameters", of("ssm", "GetParameter GetParameters"), arns)
    if estate.secrets:
        read = of("secretsmanager", "GetSecretValue")
        grants.give("ReadSecrets", read, _secret_arns(estate))


def _bound_schedules(grants: Grants, estate: CiEstate) -> None:
    scheduled = [each.name for each in estate.ecs if each.schedule]
    if not scheduled:
        return
    families = [stack_names.workload(estate.stack, name) for name in scheduled]
    run = [estate.arn("ecs", f"task-definition/{family}:*") for family in families]
    grants.give("Run", of("ecs", "RunTask"), run)
    passed = [estate.iam(f"role/{name}") for name in estate.roles["ecs-tasks"]]
    to = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    grants.give("Pass", of("iam", "PassRole"), passed, to)


def _secret_arns(estate: CiEstate) -> list[str]:
    # AWS adds a hyphen and six characters to a secret's name.
    return [estate.arn("secretsmanager", f"secret:{name}-??????") for name in estate.secrets]
