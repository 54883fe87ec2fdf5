"""Output of Run Command that is longer than Systems Manager keeps: its end, from CloudWatch Logs.

https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-rc-setting-up-cwlogs.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from clients.aws import AwsAccess, AwsError, client, translated
from clients.ssm import Invocation

KEPT = 24_000
"""Characters of the output that Systems Manager gives back."""
_EVENTS = 200  # of the log's end; the agent makes one of each line
_WRITTEN_WITHIN = 15.0  # seconds after a command's end in which the agent writes the last lines
_CUT = "---Output truncated---"


def is_cut(done: Invocation) -> bool:
    """Whether Systems Manager has not kept all that was printed."""
    return len(done.stdout) >= KEPT or done.stdout.endswith(_CUT)


def with_its_end(
    access: AwsAccess,
    group: str | None,
    command_id: str,
    done: Invocation,
    whole: Callable[[str], bool],
    *,
    step: str = "deploy",
    cancelled: threading.Event | None = None,
) -> Invocation:
    """The invocation with the end of its output instead of the start, if it was cut.

    Lines arrive some seconds late: it is asked until `whole` says that the last one is there.
    Where there is no log, or it can't be read, `stderr` says so: nothing is raised.
    """
    if not is_cut(done):
        return done
    if group is None:
        return _told(done, "no log of CloudWatch has the rest")
    stream = f"{command_id}/{done.instance}/{step}/stdout"
    deadline, text = time.monotonic() + _WRITTEN_WITHIN, ""
    while not whole(text):
        try:
            text = _read(access, group, stream)
        except AwsError as error:
            if error.code != "ResourceNotFoundException":
                return _told(done, str(error))
        if whole(text):
            break
        if time.monotonic() > deadline:
            why = f"the log {group} has no end of {stream}; may the role of the host write it?"
            return _told(replace(done, stdout=text or done.stdout), why)
        (cancelled or threading.Event()).wait(0.5)
    return replace(done, stdout=text)


def _read(access: AwsAccess, group: str, stream: str) -> str:
    with translated(f"reading the log {group} {stream}"):
        answer = client(access, "logs").get_log_events(
            logGroupName=group, logStreamName=stream, limit=_EVENTS, startFromHead=False
        )
    return "\n".join(str(each["message"]).rstrip("\n") for each in answer["events"])


def _told(done: Invocation, why: str) -> Invocation:
    said = f"Systems Manager kept the first {KEPT} characters of the output alone; {why}"
    return replace(done, stderr=f"{done.stderr.rstrip()}\n{said}\n".lstrip("\n"))
