"""A command's whole output in CloudWatch Logs and S3, written by the agent with the host's role.

https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-rc-setting-up-cwlogs.html
"""

from typing import Any

from moto.ec2.models.instances import Instance
from moto.s3.models import s3_backends

from localcloud.calls.checkpoint import ask
from localcloud.containers.logs import LogError, LogStream
from localcloud.ec2.credentials import role_of
from localcloud.ssm.command import Command, StepResult


def write_output(command: Command, instance: Instance, step: StepResult) -> None:
    """Writes stdout and stderr where SendCommand asked for; what the role may not write is lost,
    and the command ends as it would have."""
    role = role_of(instance)
    if role is None:
        return
    for name, text in (("stdout", step.stdout), ("stderr", step.stderr)):
        if text:
            _to_logs(command, instance, role, f"{step.name.replace(':', '-')}/{name}", text)
            _to_bucket(command, instance, role, f"{step.name.replace(':', '')}/{name}", text)


def _to_logs(command: Command, instance: Instance, role: Any, path: str, text: str) -> None:
    wanted = command.request.get("CloudWatchOutputConfig") or {}
    if not wanted.get("CloudWatchOutputEnabled"):
        return
    account, region = command.owner
    default = f"/aws/ssm/{command.document}"
    group = str(wanted.get("CloudWatchLogGroupName") or default)
    stream = f"{command.id}/{instance.id}/{path}"
    home = f"arn:aws:logs:{region}:{account}:log-group:"
    arn = f"{home}{group}:log-stream:"

    def may(action: str, resource: str) -> bool:
        return ask(
            role, f"logs:{action}", resource, kind="host", session=instance.id, by="documented"
        )

    if not (may("DescribeLogGroups", f"{home}:log-stream:") and may("DescribeLogStreams", arn)):
        return
    if not (may("CreateLogStream", arn + stream) and may("PutLogEvents", arn + stream)):
        return
    try:
        LogStream(account, region, group, stream).write(text.encode().splitlines())
    except LogError:
        if may("CreateLogGroup", arn):
            log = LogStream(account, region, group, stream, create=True)
            log.write(text.encode().splitlines())


def _to_bucket(command: Command, instance: Instance, role: Any, path: str, text: str) -> None:
    bucket = command.request.get("OutputS3BucketName")
    if not bucket:
        return
    prefix = str(command.request.get("OutputS3KeyPrefix") or "").strip("/")
    parts = [prefix, command.id, instance.id, "awsrunShellScript", path]
    key = "/".join(part for part in parts if part)
    region = command.owner[1]
    arn = f"arn:aws:s3:::{bucket}/{key}"
    if ask(role, "s3:PutObject", arn, kind="host", session=instance.id, region=region):
        s3_backends[command.owner[0]]["aws"].put_object(str(bucket), key, text.encode())
