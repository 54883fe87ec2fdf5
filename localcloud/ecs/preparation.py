"""What a task needs before its containers can be: roles, log streams, secrets."""

from typing import Any

from localcloud.calls.checkpoint import ask
from localcloud.containers.logs import LogError, LogStream
from localcloud.containers.secrets import SecretError, secret_value
from localcloud.ecs.task import Json, Task, TaskContainer
from localcloud.iam.roles import find_role
from localcloud.iam.trust import trusts

UNABLE = "unable to pull secrets or registry auth: execution resource retrieval failed"


class StartFailureError(Exception):
    """Why a task cannot start, in ECS's words; it becomes the stoppedReason."""


def init_failure(reason: str) -> StartFailureError:
    """The failure for what a task needs before its containers."""
    return StartFailureError(f"ResourceInitializationError: {reason}")


def execution_role(task: Task) -> Any | None:
    """moto's execution role; raises StartFailureError if the named one does not exist."""
    return role(task, "executionRoleArn", getattr(task.definition, "execution_role_arn", None))


def task_role(task: Task) -> Any | None:
    """moto's task role; raises StartFailureError if the named one does not exist."""
    return role(task, "taskRoleArn", getattr(task.definition, "task_role_arn", None))


def role(task: Task, name: str, arn: str | None) -> Any | None:
    """The role that a task names, possibly overridden; None if it names none."""
    arn = task.overrides.get(name) or arn
    if not arn:
        return None
    found = find_role(arn)
    home = f"arn:aws:ecs:{task.region}:{task.account}:*"
    source = {"aws:SourceAccount": [task.account], "aws:SourceArn": [home]}
    if found is None or not trusts(found, "ecs-tasks.amazonaws.com", source):
        raise StartFailureError(
            f"ECS was unable to assume the role '{arn}' that was provided for this task. Please "
            "verify that the role being passed has the proper trust relationship and permissions "
            "and that your IAM user has permissions to pass this role."
        )
    return found


def secrets(task: Task, container: TaskContainer, executor: Any) -> dict[str, str]:
    """The container's secrets by the names of its variables; raises StartFailureError."""
    values = {}
    for entry in container.definition.get("secrets") or []:
        try:
            values[entry["name"]] = secret_value(
                entry["valueFrom"], task.account, task.region, executor, task.id
            )
        except SecretError as error:
            raise init_failure(f"{UNABLE}: {error}") from None
    return values


def log_stream(task: Task, container: TaskContainer, executor: Any) -> LogStream | None:
    """Where the container's output goes with the awslogs driver; raises StartFailureError."""
    logging = container.definition.get("logConfiguration") or {}
    if logging.get("logDriver") != "awslogs":
        return None
    options: Json = logging.get("options") or {}
    group = str(options.get("awslogs-group"))
    region = str(options.get("awslogs-region") or task.region)
    prefix = options.get("awslogs-stream-prefix")
    name = f"{prefix}/{container.name}/{task.id}" if prefix else container.runtime_id
    create = str(options.get("awslogs-create-group", "false")).lower() == "true"
    arn = f"arn:aws:logs:{region}:{task.account}:log-group:{group}:log-stream:{name}"

    def may(action: str) -> bool:
        return ask(executor, action, arn, kind="execution", session=task.id)

    if executor is None or not may("logs:CreateLogStream"):
        raise logger_failure(f"AccessDeniedException: logs:CreateLogStream on {arn}")
    if create and not may("logs:CreateLogGroup"):
        raise logger_failure(f"AccessDeniedException: logs:CreateLogGroup on {arn}")
    try:
        stream = LogStream(task.account, region, group, name, create=create)
    except LogError as error:
        raise logger_failure(str(error)) from None
    # The driver goes on without a word if it may not write.
    return stream if may("logs:PutLogEvents") else None


def logger_failure(reason: str) -> StartFailureError:
    """The failure for a log stream that cannot be made."""
    return init_failure(
        "failed to validate logger args: create stream has been retried 1 times: "
        f"failed to create Cloudwatch log stream: {reason}"
    )
