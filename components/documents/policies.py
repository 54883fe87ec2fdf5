"""What a machine may do in AWS, as JSON texts."""

from __future__ import annotations

from collections.abc import Sequence

from components.documents import stack_names
from components.documents.grammar import check
from components.documents.secret_reference import parse_reference
from components.documents.statements import Statement, allow, document

AGENT = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
"""What the SSM agent needs for Run Command and Session Manager, besides reporting. AWS's managed
policy AmazonSSMManagedInstanceCore lets it read every parameter of the account too:
https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html"""

PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
"""A manifest, and layers; ecr:BatchCheckLayerAvailability is asked for before a push alone:
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchCheckLayerAvailability.html"""

WRITE_OUTPUT = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
"""What the agent needs to write a command's output to a log that exists, besides finding it:
https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-rc-setting-up-cwlogs.html"""


def host_reads(stack: str) -> tuple[str, str]:
    """What a host reads of the stack's bucket: its bundles, and what it is to run when it boots."""
    return f"bundles/{stack}/*", f"records/{stack}/hosts.json"


def ec2_trust_policy() -> str:
    """Lets EC2 machines, and nobody else, take a role. EC2 sends no source to compare."""
    return document(
        [
            {
                "Sid": "OnlyMachines",
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ec2.amazonaws.com"},
            }
        ]
    )


def host_policy(
    *,
    bucket: str,
    stack: str,
    region: str,
    repository_arns: Sequence[str],
    bundle_key: str | None = None,
    parameter_paths: Sequence[str] = (),
    references: Sequence[str] = (),
) -> str:
    """What a host may do: listen to SSM, write what deploys print, read this stack's bundles, and
    pull from the given repositories alone.

    `bundle_key` is the ARN of the KMS key that bundles are encrypted with, if it is one's own.
    `parameter_paths` are those of Parameter Store that its services read, as /book-shop/;
    `references` are single parameters and secrets, as parameter:/path and secret:name.
    Raises `ValueError` for a value that isn't one, so for a wildcard too.
    """
    objects = f"arn:aws:s3:::{check('bucket', bucket)}"
    check("stack", stack)
    # A role's own account is the only one that it reaches.
    instances = f"arn:aws:ec2:{check('region', region)}:*:instance/*"
    bundles, current = (f"{objects}/{each}" for each in host_reads(stack))
    log = f"arn:aws:logs:{region}:*:log-group:{stack_names.host_log_group(stack)}"
    statements = [
        allow("Report", ("ssm:UpdateInstanceInformation",), instances),
        # AWS knows no narrower resource for these four: a channel is the machine's own.
        allow("Listen", AGENT, "*"),
        allow("WriteOutput", WRITE_OUTPUT, f"{log}:*"),
        # AWS knows no narrower resource for this one: the agent asks before it writes.
        allow("FindLog", ("logs:DescribeLogGroups",), "*"),
        allow("ReadBundles", ("s3:GetObject",), bundles),
        allow("ReadCurrent", ("s3:GetObject",), current),
    ]
    if bundle_key is not None:
        statements.append(_decrypt(region, bundle_key))
    arns = [check("repository ARN", arn) for arn in repository_arns]
    if arns:
        # AWS knows no narrower resource for this one: the token is the caller's own.
        statements.append(allow("LogInToRegistry", ("ecr:GetAuthorizationToken",), "*"))
        statements.append(allow("PullImages", PULL, arns))
    if parameter_paths:
        statements.append(_read_parameters(region, parameter_paths))
    return document([*statements, *_read_secrets(region, references)])


def _decrypt(region: str, bundle_key: str) -> Statement:
    through = {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}}
    return allow("DecryptBundles", ("kms:Decrypt",), check("KMS key ARN", bundle_key), through)


def _read_parameters(region: str, parameter_paths: Sequence[str]) -> Statement:
    named = f"arn:aws:ssm:{region}:*:parameter"
    paths = sorted(check("path of parameters", each).rstrip("/") for each in parameter_paths)
    below = [f"{named}{path}{more}" for path in paths for more in ("", "/*")]
    return allow("ReadParameters", ("ssm:GetParametersByPath",), below)


def _read_secrets(region: str, references: Sequence[str]) -> list[Statement]:
    """Each of them alone; Secrets Manager ends the names in its ARNs with six characters."""
    found = [parse_reference(each) for each in references]
    parameters = sorted({each.name.lstrip("/") for each in found if each.store == "parameter"})
    secrets = sorted({each.name for each in found if each.store == "secret"})
    statements = []
    if parameters:
        named = [f"arn:aws:ssm:{region}:*:parameter/{each}" for each in parameters]
        statements.append(allow("ReadItsParameters", ("ssm:GetParameter",), named))
    if secrets:
        named = [f"arn:aws:secretsmanager:{region}:*:secret:{each}-??????" for each in secrets]
        statements.append(allow("ReadItsSecrets", ("secretsmanager:GetSecretValue",), named))
    return statements
