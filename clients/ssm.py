"""Run Command of AWS Systems Manager: which machines listen, send, poll, cancel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from clients import CancelledError
from clients.aws import AwsAccess, AwsError, client, translated

# AWS takes 50 instance ids in one command.
MOST_INSTANCES = 50
_RUNNING = frozenset({"Pending", "InProgress", "Delayed", "Cancelling"})
_SEEN_WITHIN = 10.0  # seconds in which a new command may not be known everywhere in AWS
_POLL = (0.5, 1.0)  # seconds: the first and the longest pause
LOST = "Lost"
"""Our own status: AWS took the command, and does not know it on the instance."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One run of a document on instances."""

    document: str
    """The document's name."""
    document_hash: str
    """The SHA-256 that AWS has of it; another content is refused by AWS."""
    instances: Sequence[str]
    """Instance ids, at most 50."""
    parameters: Mapping[str, str]
    """Values by parameter name."""
    comment: str
    """What AWS's console shows, at most 100 characters."""
    delivery_timeout: int = 60
    """Seconds in which an instance has to begin, at least 30."""
    log_group: str | None = None
    """The log group of CloudWatch that the agents write the whole output to, if any."""


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """What one instance made of a command."""

    instance: str
    status: str
    """AWS's status, and in its words how it ended: Success, Failed, DeliveryTimedOut,
    ExecutionTimedOut, Undeliverable, Terminated, Cancelled, InProgress; or LOST."""
    code: int
    """Exit code of the script, -1 if there is none."""
    stdout: str = ""
    stderr: str = ""

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.status in _RUNNING


def send(access: AwsAccess, command: Command) -> str:
    """Send the command to its instances; the id of the command. Raises AwsError.

    All of them are begun at once, and none is left out because another one failed: a whole fleet
    is the affair of who sends, because AWS doesn't count a host that it can't reach as an error.
    """
    whole = {"CloudWatchOutputEnabled": True, "CloudWatchLogGroupName": command.log_group}
    logged = {"CloudWatchOutputConfig": whole} if command.log_group else {}
    with translated(f"sending {command.document} to {', '.join(command.instances)}"):
        answer = client(access, "ssm").send_command(
            DocumentName=command.document,
            DocumentHash=command.document_hash,
            DocumentHashType="Sha256",
            InstanceIds=list(command.instances),
            Parameters={name: [value] for name, value in command.parameters.items()},
            Comment=command.comment[:100],
            TimeoutSeconds=max(30, command.delivery_timeout),
            MaxConcurrency="100%",
            MaxErrors="100%",
            **logged,
        )
    return str(answer["Command"]["CommandId"])


def cancel(access: AwsAccess, command_id: str, instances: Sequence[str]) -> None:
    """Ask AWS to end the command on these instances; AWS promises no more than to try."""
    with translated(f"cancelling the command {command_id}"):
        client(access, "ssm").cancel_command(CommandId=command_id, InstanceIds=list(instances))


def invocation(access: AwsAccess, command_id: str, instance: str) -> Invocation | None:
    """The state of the command on one instance, or None while AWS does not know it yet."""
    try:
        with translated(f"reading the result of {command_id} on {instance}"):
            found = client(access, "ssm").get_command_invocation(
                CommandId=command_id, InstanceId=instance
            )
    except AwsError as error:
        if error.code == "InvocationDoesNotExist":
            return None
        raise
    ended = found["Status"] not in _RUNNING
    return Invocation(
        instance=instance,
        # AWS's pages write details with blanks, its answers without.
        status=str(found["StatusDetails"] if ended else found["Status"]).replace(" ", ""),
        code=int(found.get("ResponseCode", -1)),
        stdout=str(found.get("StandardOutputContent", "")),
        stderr=str(found.get("StandardErrorContent", "")),
    )


def wait(
    access: AwsAccess,
    command_id: str,
    instances: Sequence[str],
    *,
    deadline: float,
    cancelled: threading.Event,
    on_change: Callable[[Mapping[str, str]], None] = lambda _: None,
) -> dict[str, Invocation]:
    """Poll until the command has ended on every instance or `deadline` (time.monotonic()) passed.

    Gives back the last state of each instance: one that still runs at the deadline keeps its
    running status, and the command is cancelled there. An instance of which AWS knows nothing
    some seconds after it took the command has the status LOST. `on_change` gets status by
    instance after each poll. Raises AwsError; CancelledError after cancelling the command.
    """
    began, pause = time.monotonic(), _POLL[0]
    found = {each: Invocation(instance=each, status="Pending", code=-1) for each in instances}
    seen: set[str] = set()
    while open_ := [each for each in instances if found[each].running]:
        if cancelled.is_set() or time.monotonic() > deadline:
            cancel(access, command_id, open_)
            if cancelled.is_set():
                raise CancelledError(f"cancelled; the command {command_id} was cancelled too")
            return found
        for each in open_:
            state = invocation(access, command_id, each)
            if state is not None:
                found[each] = state
                seen.add(each)
            elif each not in seen and time.monotonic() - began > _SEEN_WITHIN:
                found[each] = Invocation(instance=each, status=LOST, code=-1)
        on_change({each: state.status for each, state in found.items()})
        if any(state.running for state in found.values()):
            cancelled.wait(min(pause, max(0.0, deadline - time.monotonic()) + 0.01))
            pause = min(_POLL[1], pause * 1.2)
    return found
