"""Reads and checks what a caller wants of a function's configuration."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localcloud.lambda_.records import Settings
from localcloud.lambda_.refusals import constraint, invalid

KEPT = ("TracingConfig", "VpcConfig", "DeadLetterConfig", "FileSystemConfigs", "KMSKeyArn")
ENVIRONMENT_BYTES = 4096
VARIABLE = re.compile(r"[a-zA-Z]([a-zA-Z0-9_])+")
ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+")
# Lambda Developer Guide, "Working with Lambda environment variables": defined, cannot be set.
RESERVED = {
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}  # fmt: skip


def initial(name: str, body: Mapping[str, Any]) -> Settings:
    """The settings of a new function, with Lambda's defaults; raises AwsError."""
    architectures = body.get("Architectures") or ["x86_64"]
    settings = Settings(
        role="",
        timeout=3,
        memory=128,
        description="",
        architecture=architecture(architectures),
        environment={},
        image={},
        log_group=f"/aws/lambda/{name}",
        storage=512,
        given={},
    )
    return changed(settings, body)


def changed(settings: Settings, body: Mapping[str, Any]) -> Settings:
    """The settings with what a call gives; parts that it leaves out stay. Raises AwsError."""
    refuse_unknown_role(body.get("Role", settings.role))
    storage = (body.get("EphemeralStorage") or {}).get("Size", settings.storage)
    logging = body.get("LoggingConfig") or {}
    if logging.get("LogFormat", "Text") != "Text":
        raise invalid("LogFormat JSON is not emulated by the local cloud; use Text")
    return replace(
        settings,
        role=body.get("Role", settings.role),
        timeout=between(body.get("Timeout", settings.timeout), "timeout", 1, 900),
        memory=between(body.get("MemorySize", settings.memory), "memorySize", 128, 10240),
        description=body.get("Description", settings.description) or "",
        environment=variables(body["Environment"])
        if body.get("Environment") is not None
        else settings.environment,
        image=image_config(body["ImageConfig"])
        if body.get("ImageConfig") is not None
        else settings.image,
        storage=between(storage, "ephemeralStorage.size", 512, 10240),
        log_group=logging.get("LogGroup") or settings.log_group,
        given={**settings.given, **{key: body[key] for key in KEPT if body.get(key)}},
    )


def architecture(wanted: list[str]) -> str:
    """The one architecture of a function; raises AwsError."""
    if len(wanted) != 1 or wanted[0] not in ("x86_64", "arm64"):
        raise constraint(
            f"[{', '.join(wanted)}]", "architectures",
            "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64]]",
        )  # fmt: skip
    return wanted[0]


def between(value: int, member: str, least: int, most: int) -> int:
    """The value, if it is in the range that the API allows."""
    if value < least:
        raise constraint(value, member, f"have value greater than or equal to {least}")
    if value > most:
        raise constraint(value, member, f"have value less than or equal to {most}")
    return value


def variables(environment: Mapping[str, Any]) -> dict[str, str]:
    """The environment; raises AwsError for reserved names, bad ones and too much of it."""
    wanted = {str(key): str(value) for key, value in (environment.get("Variables") or {}).items()}
    reserved = [name for name in wanted if name in RESERVED]
    start = "Lambda was unable to configure your environment variables because the environment "
    if reserved:
        raise invalid(
            f"{start}variables you have provided contains reserved keys that are currently not "
            f"supported for modification. Reserved keys used in this request: {', '.join(reserved)}"
        )
    for name in wanted:
        if not VARIABLE.fullmatch(name):
            pattern = f"satisfy regular expression pattern: {VARIABLE.pattern}"
            raise constraint(name, "environment.variables", pattern)
    if sum(len(key.encode()) + len(value.encode()) for key, value in wanted.items()) > (
        ENVIRONMENT_BYTES
    ):
        raise invalid(f"{start}variables you have provided exceeded the 4KB limit.")
    return wanted


def image_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """What replaces the image's own entry point, command and folder."""
    known = ("EntryPoint", "Command", "WorkingDirectory")
    return {key: config[key] for key in known if config.get(key)}


def refuse_unknown_role(arn: str) -> None:
    """Raises AwsError for what is not the ARN of a role."""
    if not ROLE.fullmatch(arn):
        raise constraint(arn, "role", f"satisfy regular expression pattern: {ROLE.pattern}")
