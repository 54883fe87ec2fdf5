"""The names that a stack gives to what it makes, so that rights can be narrowed to them."""

from __future__ import annotations

from components.documents.physical_names import physical_name

STACK_TAG = "slipway:stack"
"""The tag that says whose a machine or a security group is: AWS chooses their ids."""


def host_role(stack: str, host: str = "host") -> str:
    """The role of a machine, and its instance profile."""
    return physical_name("slipway", stack, host, longest=64)


def host_document(stack: str) -> str:
    """The SSM document that deploys go through."""
    return f"slipway-deploy-{stack}"


def host_log_group(stack: str) -> str:
    """The log of what deploys print on machines; deeper than a service's, so never the same."""
    return f"/slipway/{physical_name(stack, longest=200)}/host/deploys"


def execution_role(stack: str, service: str) -> str:
    """What ECS starts a task with."""
    return physical_name(stack, service, "execution", longest=64)


def task_role(stack: str, service: str) -> str:
    """The role of the program in a task."""
    return physical_name(stack, service, "task", longest=64)


def schedule_role(stack: str, service: str) -> str:
    """What EventBridge starts a task with."""
    return physical_name(stack, service, "schedule", longest=64)


def function_role(stack: str, service: str) -> str:
    """The role of a function."""
    return physical_name(stack, service, "function", longest=64)


def ci_role(stack: str) -> str:
    """The role that workflows take."""
    return physical_name("slipway", stack, "ci", longest=64)


def ci_policy(stack: str, part: str) -> str:
    """One of the policies of that role; its parts are counted."""
    return f"{ci_role(stack)}-{part}"


def boundary(stack: str) -> str:
    """The policy that no right of the stack's roles exceeds."""
    return physical_name("slipway", stack, "boundary", longest=120)


def cluster(stack: str) -> str:
    """The stack's own cluster of ECS."""
    return physical_name("slipway", stack, longest=255)


def workload(stack: str, service: str, longest: int = 255) -> str:
    """A service of ECS and its family of task definitions; shorter: a balancer (32), a function
    or a rule (64)."""
    return physical_name(stack, service, longest=longest)


def task_log_group(stack: str, service: str) -> str:
    """The log of a service of ECS."""
    return f"/slipway/{physical_name(stack, longest=200)}/{service}"


def function_log_group(stack: str, service: str) -> str:
    """The log of a function; the name is Lambda's own choice."""
    return f"/aws/lambda/{workload(stack, service, 64)}"
