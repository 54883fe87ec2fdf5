"""A command on many machines: how many at once, and when to stop."""

import threading
from concurrent.futures import ThreadPoolExecutor

from localcloud.ssm.agent import Agent
from localcloud.ssm.command import COUNTED, Command, Invocation
from localcloud.ssm.share import share


def dispatch(agent: Agent, command: Command, region: str) -> None:
    """Starts the command's invocations in the background; raises AwsError for a wrong limit.

    After more than MaxErrors failures the rest is not begun; as in AWS, a machine that could not
    be reached is no such failure.
    """
    total = len(command.invocations)
    workers = share(command.request.get("MaxConcurrency", "50"), total, 1)
    errors = command.errors

    def one(invocation: Invocation) -> None:
        if sum(other.details in COUNTED for other in command.invocations) > errors:
            invocation.end("Cancelled", "Terminated")
        else:
            agent.invoke(command, invocation, region)

    def work() -> None:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(one, command.invocations))

    threading.Thread(target=work, daemon=True, name=f"command-{command.id}").start()
