"""A command on many machines: how many at once, and when to stop."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor

from localcloud.aws_error import AwsError
from localcloud.ssm.agent import Agent
from localcloud.ssm.command import Command, Invocation

COUNTED = ("Failed", "ExecutionTimedOut")


def dispatch(agent: Agent, command: Command, region: str) -> None:
    """Starts the command's invocations in the background; raises AwsError for a wrong limit.

    After more than MaxErrors failures the rest is not begun; as in AWS, a machine that could not
    be reached is no such failure.
    """
    total = len(command.invocations)
    workers = share(command.request.get("MaxConcurrency", "50"), total, 1)
    errors = share(command.request.get("MaxErrors", "0"), total, 0)

    def one(invocation: Invocation) -> None:
        if sum(other.details in COUNTED for other in command.invocations) > errors:
            invocation.end("Cancelled", "Terminated")
        else:
            agent.invoke(command, invocation, region)

    def work() -> None:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(one, command.invocations))

    threading.Thread(target=work, daemon=True, name=f"command-{command.id}").start()


def share(text: str, total: int, least: int) -> int:
    """The number in text, or that percentage of total, but not below `least`."""
    digits = text.removesuffix("%")
    if not digits.isdigit():
        raise AwsError("ValidationException", f"{text!r} is neither a number nor a percentage")
    number = int(digits)
    return max(least, math.floor(total * number / 100) if text.endswith("%") else number)
