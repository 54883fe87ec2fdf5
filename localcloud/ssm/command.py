"""Commands and their invocations, with the statuses that AWS gives them."""

import datetime
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from localcloud.ssm.share import share
from localcloud.ssm.values import StepRun

STDOUT_LIMIT = 24_000
STDERR_LIMIT = 8_000
LIST_LIMIT = 2_500
OUTPUT_CUT = "\n---Output truncated---"
ERROR_CUT = "\n---Error truncated---"
COUNTED = ("Failed", "ExecutionTimedOut")
"""What counts against MaxErrors:
https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html"""
ENDS = ("Success", "Failed", "TimedOut", "Cancelled")


@dataclass
class StepResult:
    """What one step has written and how it ended; -1 while it hasn't ended by itself."""

    name: str
    code: int = -1
    stdout: str = ""
    stderr: str = ""
    status: str = "Pending"
    details: str = "Pending"


@dataclass
class Invocation:
    """A command on one machine. `cancelled` is set by CancelCommand."""

    instance: str
    steps: list[StepResult]
    status: str = "Pending"
    details: str = "Pending"
    begun: float | None = None
    ended: float | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)

    def end(self, status: str, details: str) -> None:
        """Sets the final status."""
        self.status, self.details, self.ended = status, details, time.time()


@dataclass
class Command:
    """One SendCommand."""

    document: str
    version: str
    parameters: dict[str, list[str]]
    runs: list[StepRun]
    invocations: list[Invocation]
    request: dict[str, Any]
    owner: tuple[str, str]
    """Account and region."""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    asked: float = field(default_factory=time.time)

    @property
    def delivery_seconds(self) -> int:
        """How long the command may wait for a machine to be online."""
        return int(self.request.get("TimeoutSeconds", 3600))

    def status(self) -> tuple[str, str]:
        """Status and details of the whole."""
        if not self.invocations:
            return "Success", "NoInstancesInTag"
        found = [invocation.status for invocation in self.invocations]
        if any(status not in ENDS for status in found):
            begun = any(status != "Pending" for status in found)
            return ("InProgress", "InProgress") if begun else ("Pending", "Pending")
        details = [invocation.details for invocation in self.invocations]
        if all(each == "Success" for each in details):
            return "Success", "Success"
        if sum(each in COUNTED for each in details) > self.errors:
            return "Failed", "Failed"
        for only in ("Cancelled", "DeliveryTimedOut"):
            if all(each == only for each in details):
                return ("TimedOut" if only == "DeliveryTimedOut" else only), only
        # Neither all well nor enough failures: a host that was not reached counts as none.
        return "Failed", "Incomplete"

    @property
    def errors(self) -> int:
        """MaxErrors as a number of machines."""
        return share(self.request.get("MaxErrors", "0"), len(self.invocations), 0)

    def answer(self) -> dict[str, Any]:
        """The Command of an API answer."""
        status, details = self.status()
        found = [invocation.status for invocation in self.invocations]
        return {
            "CommandId": self.id,
            "DocumentName": self.document,
            "DocumentVersion": self.version,
            "Comment": self.request.get("Comment", ""),
            "ExpiresAfter": self.asked + self.delivery_seconds,
            "Parameters": self.parameters,
            "InstanceIds": self.request.get("InstanceIds", []),
            "Targets": self.request.get("Targets", []),
            "RequestedDateTime": self.asked,
            "Status": status,
            "StatusDetails": details,
            "MaxConcurrency": self.request.get("MaxConcurrency", "50"),
            "MaxErrors": self.request.get("MaxErrors", "0"),
            "TargetCount": len(found),
            "CompletedCount": sum(status in ENDS for status in found),
            "ErrorCount": sum(status in ("Failed", "TimedOut") for status in found),
            "DeliveryTimedOutCount": sum(
                invocation.details == "DeliveryTimedOut" for invocation in self.invocations
            ),
            "TimeoutSeconds": self.delivery_seconds,
        }

    def invocation_answer(self, invocation: Invocation, step: StepResult) -> dict[str, Any]:
        """The answer of GetCommandInvocation."""
        begun, ended = invocation.begun, invocation.ended
        seconds = (ended or time.time()) - begun if begun else 0.0
        return {
            "CommandId": self.id,
            "InstanceId": invocation.instance,
            "Comment": self.request.get("Comment", ""),
            "DocumentName": self.document,
            "DocumentVersion": self.version,
            "PluginName": step.name,
            "ResponseCode": step.code,
            "ExecutionStartDateTime": iso(begun),
            "ExecutionElapsedTime": f"PT{seconds:.3f}S",
            "ExecutionEndDateTime": iso(ended),
            "Status": invocation.status,
            "StatusDetails": invocation.details,
            "StandardOutputContent": cut(step.stdout, STDOUT_LIMIT, OUTPUT_CUT),
            "StandardOutputUrl": self._url(invocation, step, "stdout"),
            "StandardErrorContent": cut(step.stderr, STDERR_LIMIT, ERROR_CUT),
            "StandardErrorUrl": self._url(invocation, step, "stderr"),
            "CloudWatchOutputConfig": self.request.get(
                "CloudWatchOutputConfig", {"CloudWatchOutputEnabled": False}
            ),
        }

    def _url(self, invocation: Invocation, step: StepResult, name: str) -> str:
        bucket = self.request.get("OutputS3BucketName")
        if not bucket:
            return ""
        prefix = str(self.request.get("OutputS3KeyPrefix") or "").strip("/")
        path = f"{self.id}/{invocation.instance}/awsrunShellScript/{step.name.replace(':', '')}"
        key = f"{prefix}/{path}/{name}".lstrip("/")
        return f"https://s3.{self.owner[1]}.amazonaws.com/{bucket}/{key}"

    def list_answer(self, invocation: Invocation, details: bool) -> dict[str, Any]:
        """An entry of ListCommandInvocations."""
        plugins = [
            {
                "Name": step.name,
                "Status": step.status,
                "StatusDetails": step.details,
                "ResponseCode": step.code,
                "Output": cut(step.stdout + step.stderr, LIST_LIMIT, OUTPUT_CUT),
            }
            for step in invocation.steps
        ]
        return {
            "CommandId": self.id,
            "InstanceId": invocation.instance,
            "DocumentName": self.document,
            "DocumentVersion": self.version,
            "RequestedDateTime": self.asked,
            "Status": invocation.status,
            "StatusDetails": invocation.details,
            "CommandPlugins": plugins if details else [],
        }


def cut(text: str, limit: int, mark: str) -> str:
    """At most `limit` characters; what is longer ends with the mark."""
    return text if len(text) <= limit else text[: limit - len(mark)] + mark


def iso(seconds: float | None) -> str:
    """A time as GetCommandInvocation writes it, empty if there is none."""
    if seconds is None:
        return ""
    return (
        f"{datetime.datetime.fromtimestamp(seconds, datetime.UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    )
