"""Run Command's API calls."""

import time
from typing import Any

from moto.ssm.models import Document, ssm_backends

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.ec2.engine import Engine
from localcloud.ec2.knobs import Knobs
from localcloud.ec2.machines import find
from localcloud.gateway import Handler
from localcloud.limits import Limits
from localcloud.place import Place
from localcloud.ssm import values
from localcloud.ssm.agent import Agent
from localcloud.ssm.command import ENDS, Command, Invocation, StepResult
from localcloud.ssm.dispatch import dispatch
from localcloud.ssm.document import CommandDocument
from localcloud.ssm.fleet import Fleet, chosen, instances, tags
from localcloud.ssm.public import BUILT_IN
from localcloud.ssm.session import check_session, is_session


class RunCommand:
    """The handlers for the gateway, and the commands since the start."""

    def __init__(self, place: Place, engine: Engine, limits: Limits, knobs: Knobs) -> None:
        self._fleet, self._limits = Fleet(engine, knobs), limits
        self._agent = Agent(place, engine, self._fleet, exists)
        self._commands: dict[str, Command] = {}

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """(service, action) to function."""
        table: dict[str, Handler] = {
            "CreateDocument": self.check_document,
            "UpdateDocument": self.check_document,
            "SendCommand": self.send_command,
            "GetCommandInvocation": self.get_command_invocation,
            "ListCommands": self.list_commands,
            "ListCommandInvocations": self.list_command_invocations,
            "CancelCommand": self.cancel_command,
            "DescribeInstanceInformation": self.describe_instance_information,
        }
        return {("ssm", action): handler for action, handler in table.items()}

    def check_document(self, request: AwsRequest) -> None:
        """Refuses what AWS refuses of commands and sessions; moto keeps the rest."""
        text, kind = request.text("Content") or "", request.text("DocumentFormat") or "JSON"
        wanted = request.text("DocumentType")
        if wanted == "Session" or (wanted is None and is_session(text)):
            check_session(text, kind)
        elif wanted in (None, "Command"):
            CommandDocument.read(text, kind)

    def send_command(self, request: AwsRequest) -> dict[str, Any]:
        """Checks everything, then runs the document on the machines in the background."""
        name = request.text("DocumentName") or ""
        found = self._document(request, name)
        refuse_hash(request, found)
        document = CommandDocument.read(found.content, found.document_format)
        given = request.parameters.get("Parameters") or {}
        runs = values.runs(document, values.check(document, given))
        targets = self._targets(request)
        invocations = [Invocation(i, [StepResult(run.name) for run in runs]) for i in targets]
        command = Command(
            name,
            found.document_version,
            given,
            runs,
            invocations,
            request.parameters,
            (request.account, request.region),
        )
        self._commands[command.id] = command
        dispatch(self._agent, command, request.region)
        return {"Command": command.answer()}

    def get_command_invocation(self, request: AwsRequest) -> dict[str, Any]:
        """Output and status of one machine; right after SendCommand it isn't found yet."""
        command = self._mine(request).get(request.text("CommandId") or "")
        late = command and time.time() - command.asked >= self._limits.invocation_delay_seconds
        for invocation in command.invocations if command and late else []:
            if command and invocation.instance == request.text("InstanceId"):
                step = pick(invocation, request.text("PluginName"))
                return command.invocation_answer(invocation, step)
        raise AwsError("InvocationDoesNotExist", "The invocation does not exist.")

    def list_commands(self, request: AwsRequest) -> dict[str, Any]:
        """All commands, or those of an id or an instance, newest first."""
        wanted, instance = request.text("CommandId"), request.text("InstanceId")
        found = [c for c in self._mine(request).values() if wanted in (None, c.id)]
        if wanted and not found:
            raise AwsError("InvalidCommandId", f"{wanted} is no command")
        ids = [{i.instance for i in command.invocations} for command in found]
        kept = [c for c, i in zip(found, ids, strict=True) if instance is None or instance in i]
        return {"Commands": [command.answer() for command in reversed(kept)]}

    def list_command_invocations(self, request: AwsRequest) -> dict[str, Any]:
        """The invocations of all commands, or those of an id or an instance."""
        wanted, instance = request.text("CommandId"), request.text("InstanceId")
        details = bool(request.parameters.get("Details"))
        entries = [
            command.list_answer(invocation, details)
            for command in reversed(list(self._mine(request).values()))
            if wanted in (None, command.id)
            for invocation in command.invocations
            if instance in (None, invocation.instance)
        ]
        return {"CommandInvocations": entries}

    def cancel_command(self, request: AwsRequest) -> dict[str, Any]:
        """Ends what has not ended; the statuses follow."""
        command = self._mine(request).get(request.text("CommandId") or "")
        if command is None:
            raise AwsError("InvalidCommandId", f"{request.text('CommandId')} is no command")
        wanted = request.items("InstanceIds")
        for invocation in command.invocations:
            if invocation.status not in ENDS and (not wanted or invocation.instance in wanted):
                invocation.cancelled.set()
        return {}

    def describe_instance_information(self, request: AwsRequest) -> dict[str, Any]:
        """The machines that have ever been online, with what they are now."""
        filters = [
            (str(f.get("Key") or f.get("key")), f.get("Values") or f.get("valueSet") or [])
            for f in request.items("Filters") + request.items("InstanceInformationFilterList")
        ]
        found = []
        for instance, online in self._fleet.managed(request.account, request.region):
            entry = self._fleet.information(instance, online)
            own = {f"tag:{name}": value for name, value in tags(instance).items()}
            own |= {"InstanceIds": instance.id, "PingStatus": entry["PingStatus"]}
            own |= {"PlatformTypes": "Linux", "ResourceType": "EC2Instance"}
            if all(own.get(key) in wanted for key, wanted in filters):
                found.append(entry)
        return {"InstanceInformationList": found}

    def _mine(self, request: AwsRequest) -> dict[str, Command]:
        owner = (request.account, request.region)
        return {key: each for key, each in list(self._commands.items()) if each.owner == owner}

    def _document(self, request: AwsRequest, name: str) -> Document:
        documents = ssm_backends[request.account][request.region]._documents.get(name)
        version = request.text("DocumentVersion")
        if documents is None and name in BUILT_IN:
            return BUILT_IN[name]
        if documents is None:
            raise AwsError("InvalidDocument", f"Document with name {name} does not exist.")
        try:
            return documents.find(None if version == "$DEFAULT" else version)
        except Exception as error:
            message = f"Document {name} has no version {version}."
            raise AwsError("InvalidDocumentVersion", message) from error

    def _targets(self, request: AwsRequest) -> list[str]:
        ids, targets = request.items("InstanceIds"), request.items("Targets")
        if bool(ids) == bool(targets):
            raise AwsError("InvalidInstanceId", "Give InstanceIds or Targets, one of them.")
        here = {i.id: i for i in instances(request.account, request.region)}
        if targets:
            return [i.id for i in chosen(here.values(), targets) if self._fleet.known(i)]
        if len(set(ids)) != len(ids):
            raise AwsError("DuplicateInstanceId", "An instance id is given twice.")
        wrong = [i for i in ids if i not in here or not self._fleet.known(here[i])]
        if wrong:
            message = f"Instances [[{', '.join(wrong)}]] not in a valid state for account "
            raise AwsError("InvalidInstanceId", message + request.account)
        return [str(i) for i in ids]


def exists(instance_id: str) -> bool:
    """Whether an instance has not been terminated."""
    instance = find(instance_id)
    return instance is not None and instance.state != "terminated"


def pick(invocation: Invocation, plugin: str | None) -> StepResult:
    """The asked step; without a name the first that failed, else the last."""
    for step in invocation.steps:
        if plugin == step.name or (plugin is None and step.status not in ("Success", "Pending")):
            return step
    if plugin is not None:
        raise AwsError("InvalidPluginName", f"The plugin name {plugin!r} is not valid.")
    return invocation.steps[-1]


def refuse_hash(request: AwsRequest, document: Document) -> None:
    """Raises AwsError if the caller pinned another content than the document has."""
    pinned = request.text("DocumentHash")
    if pinned is None:
        return
    if request.text("DocumentHashType") not in (None, "Sha256"):
        raise AwsError("InvalidDocument", "DocumentHashType Sha256 is the only one allowed")
    if pinned != document.hash:
        message = f"The document hash {pinned} doesn't match the document {document.name}."
        raise AwsError("InvalidDocument", message)
