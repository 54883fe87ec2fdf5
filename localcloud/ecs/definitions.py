"""What RegisterTaskDefinition refuses for Fargate, which moto takes.

Sizes: Amazon ECS Developer Guide, "Fargate task definition parameters", task CPU and memory.
"""

import re
from typing import Any

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest

GB = 1024
SIZES: dict[int, set[int]] = {
    256: {512, GB, 2 * GB},
    512: {n * GB for n in range(1, 5)},
    1024: {n * GB for n in range(2, 9)},
    2048: {n * GB for n in range(4, 17)},
    4096: {n * GB for n in range(8, 31)},
    8192: {n * GB for n in range(16, 61, 4)},
    16384: {n * GB for n in range(32, 121, 8)},
}
ECR_IMAGE = re.compile(r"(127\.[\d.]+|localhost):\d+/")
UNITS = {"cpu": re.compile(r"([\d.]+)\s*vcpu", re.I), "memory": re.compile(r"([\d.]+)\s*gb", re.I)}
NOT_RUN = ("environmentFiles", "firelensConfiguration", "repositoryCredentials", "restartPolicy")


def refused(message: str) -> AwsError:
    """The error for a task definition that ECS does not take."""
    return AwsError("ClientException", message)


def check_definition(request: AwsRequest) -> None:
    """Raises AwsError for what cannot run on Fargate; moto checks and keeps the rest."""
    containers = request.items("containerDefinitions")
    for container in containers:
        check_container(request, container)
    if "FARGATE" not in request.items("requiresCompatibilities"):
        return
    if request.text("networkMode") != "awsvpc":
        raise refused("Fargate only supports network mode 'awsvpc'.")
    for name in ("cpu", "memory"):
        if not request.text(name):
            raise refused(f"Fargate requires that '{name}' be defined at the task level.")
    check_size(request)
    if request.text("executionRoleArn"):
        return
    needs = "Fargate requires task definition to have execution role ARN to support"
    if any(ECR_IMAGE.match(str(each.get("image"))) for each in containers):
        raise refused(f"{needs} ECR images.")
    drivers = {(each.get("logConfiguration") or {}).get("logDriver") for each in containers}
    if "awslogs" in drivers:
        raise refused(f"{needs} log driver awslogs.")


def check_container(request: AwsRequest, container: dict[str, Any]) -> None:
    """Raises AwsError for a container that ECS refuses or this cloud cannot run."""
    name = container.get("name")
    for key in NOT_RUN:
        if container.get(key):
            raise refused(f"Container {name}: the local cloud does not run {key}.")
    if container.get("secrets") and not request.text("executionRoleArn"):
        raise refused(
            "When you are specifying container secrets, you must also specify a value for "
            "'executionRoleArn'."
        )
    check = container.get("healthCheck") or {}
    ranges = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "startPeriod": (0, 300)}
    for key, (least, most) in ranges.items():
        value = check.get(key)
        if value is not None and not least <= int(value) <= most:
            raise refused(f"Health check {key} must be between {least} and {most}: {value}.")
    stop = container.get("stopTimeout")
    if stop is not None and int(stop) > 120:
        raise refused(f"Container {name}: stopTimeout on Fargate is at most 120 seconds: {stop}.")


def check_size(request: AwsRequest) -> None:
    """Raises AwsError for a pair of CPU and memory that Fargate has not got."""
    cpu, memory = number(request, "cpu"), number(request, "memory")
    if cpu in SIZES and memory in SIZES[cpu]:
        return
    raise refused(
        f"No Fargate configuration exists for given values: {request.text('cpu')} CPU, "
        f"{request.text('memory')} memory. See the Amazon ECS documentation for the valid values."
    )


def number(request: AwsRequest, name: str) -> int:
    """CPU units or MiB of `256`, `.25 vCPU` or `1 GB`; -1 for anything else."""
    text = (request.text(name) or "").strip()
    found = UNITS[name].fullmatch(text)
    if found:
        return int(float(found[1]) * GB)
    return int(text) if text.isdigit() else -1
