"""EventBridge rules with a schedule and ECS targets: they run their task when they are due."""

import contextlib
import datetime
import json
import logging
import threading
import time
from typing import Any

from moto.events.models import events_backends

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.calls.api import needs
from localcloud.calls.caller import of_role
from localcloud.calls.checkpoint import demand
from localcloud.ecs.api_tasks import TaskApi
from localcloud.ecs.cron import due, known
from localcloud.ecs.task import Json
from localcloud.gateway import Handler
from localcloud.iam.roles import find_role
from localcloud.iam.trust import trusts
from localcloud.problem import CloudError

LOG = logging.getLogger("localcloud.ecs")
LOOK_SECONDS = 1.0


class ScheduledTasks:
    """Looks at all rules once a second."""

    def __init__(self, tasks: TaskApi) -> None:
        self._tasks = tasks
        self._seen: dict[str, tuple[float, str]] = {}
        self._last: dict[str, float] = {}
        self._ended = threading.Event()

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """(service, action) to function."""
        return {("events", "PutRule"): check_rule}

    def start(self) -> None:
        """Begins to look."""
        threading.Thread(target=self._work, daemon=True, name="ecs-schedule").start()

    def stop(self) -> None:
        """Runs no more tasks."""
        self._ended.set()

    def fire(self, name: str) -> list[Json]:
        """Runs the ECS targets of every rule of a name now; gives their answers.

        Raises CloudError if there is no such rule or it has no ECS target.
        """
        answers = [a for rule in rules() if rule.name == name for a in self._run(rule)]
        if not answers:
            known_names = ", ".join(sorted(rule.name for rule in rules())) or "none"
            raise CloudError(f"no rule {name!r} with an ECS target; rules are: {known_names}")
        return answers

    def _work(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            now = datetime.datetime.now(datetime.UTC)
            for rule in rules():
                try:
                    self._look(rule, now)
                except Exception:
                    LOG.exception("rule %s", rule.name)

    def _look(self, rule: Any, now: datetime.datetime) -> None:
        expression = str(rule.scheduled_expression or "")
        began, seen = self._seen.get(rule.arn, (0.0, ""))
        if rule.state != "ENABLED" or not expression:
            self._seen.pop(rule.arn, None)
            return
        if seen != expression:
            # A rate counts from when the rule was made, changed or switched on.
            began = now.timestamp()
            self._seen[rule.arn] = (began, expression)
        if due(expression, now, began, self._last.get(rule.arn, 0.0)):
            self._last[rule.arn] = now.timestamp()
            self._run(rule)

    def _run(self, rule: Any) -> list[Json]:
        self._last[rule.arn] = time.time()
        answers = []
        for target in list(rule.targets):
            if not target.get("EcsParameters"):
                continue
            try:
                answers.append(self._tasks.run_task(run_request(rule, target)))
            except AwsError as error:
                LOG.warning("rule %s: %s: %s", rule.name, error.code, error.message)
                reason = f"{error.code}: {error.message}"
                answers.append({"tasks": [], "failures": [{"reason": reason}]})
        return answers


def rules() -> list[Any]:
    """All rules of all accounts, regions and buses."""
    buses = [
        bus
        for account in list(events_backends.values())
        for backend in list(account.values())
        for bus in list(backend.event_buses.values())
    ]
    return [rule for bus in buses for rule in list(bus.rules.values())]


def run_request(rule: Any, target: Json) -> AwsRequest:
    """The RunTask that EventBridge calls for a target with the target's role; raises AwsError."""
    given: Json = target["EcsParameters"]
    arn = str(given.get("TaskDefinitionArn"))
    role = find_role(target.get("RoleArn"))
    source = {"aws:SourceAccount": [rule.account_id], "aws:SourceArn": [rule.arn]}
    if role is None or not trusts(role, "events.amazonaws.com", source):
        message = f"EventBridge can't assume the role {target.get('RoleArn')} of the target"
        raise AwsError("AccessDeniedException", message)
    wish: Json = {
        "cluster": target["Arn"],
        "taskDefinition": arn,
        "count": given.get("TaskCount", 1),
        "launchType": given.get("LaunchType"),
        "group": given.get("Group"),
        "startedBy": f"events-rule/{rule.name}"[:36],
        "tags": given.get("Tags") or [],
    }
    vpc = (given.get("NetworkConfiguration") or {}).get("awsvpcConfiguration")
    if vpc:
        names = {"Subnets": "subnets", "SecurityGroups": "securityGroups"}
        names["AssignPublicIp"] = "assignPublicIp"
        kept = {names[key]: value for key, value in vpc.items() if key in names}
        wish["networkConfiguration"] = {"awsvpcConfiguration": kept}
    with contextlib.suppress(ValueError):
        wish["overrides"] = json.loads(target.get("Input") or "{}")
    request = AwsRequest("ecs", "RunTask", rule.region_name, rule.account_id, "", "json", wish)
    caller = of_role(role, f"events-{rule.name}"[:64])
    refused = demand(caller, needs(request, {}), rule.region_name)
    if refused:
        raise AwsError("AccessDeniedException", refused[1])
    return request


def check_rule(request: AwsRequest) -> None:
    """Refuses an expression that EventBridge, or this cloud, does not know."""
    expression = request.text("ScheduleExpression")
    if expression and not known(expression):
        message = "Parameter ScheduleExpression is not valid."
        raise AwsError("ValidationException", message)
