"""What a function's process finds in its environment."""

import secrets
import time

from localcloud.lambda_.records import Function, Version


def stream_name(version: Version) -> str:
    """A new log stream's name: the day, the version and 32 hex digits."""
    return f"{time.strftime('%Y/%m/%d', time.gmtime())}/[{version.number}]{secrets.token_hex(16)}"


def environment(
    function: Function,
    version: Version,
    stream: str,
    credentials: dict[str, str],
    runtime_api: str,
    endpoint: str,
) -> dict[str, str]:
    """The version's own variables and those that Lambda defines.

    Lambda Developer Guide, "Defined runtime environment variables". AWS_ENDPOINT_URL is this
    cloud's; a function that sets its own keeps that.
    """
    settings = version.settings
    handler = (settings.image.get("Command") or [""])[0]
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        **settings.environment,
        "_HANDLER": handler,
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": version.number,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": settings.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "LAMBDA_TASK_ROOT": "/var/task",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["Token"],
    }
