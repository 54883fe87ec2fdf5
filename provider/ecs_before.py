"""A task that is run once before a service of ECS switches: a migration."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping

from clients import CancelledError, ClientError, ecs_tasks, task_definitions
from clients.ecs import EcsService
from clients.ecs_tasks import EcsTask, OneOff
from provider.ecs_evidence import log_lines, task_lines
from provider.ecs_inputs import Before
from provider.ecs_watch import Place
from provider.resource import Call

_POLL = (0.5, 4.0)  # seconds: the first and the longest pause


class BeforeError(ClientError):
    """The task before the rollout did not succeed; nothing was switched."""

    def __init__(self, brief: str, lines: list[str]) -> None:
        """`lines` has what the task printed, among other things."""
        super().__init__("\n".join([brief, *(f"    {line}" for line in lines)]))
        self.brief = brief
        self.lines = lines


def run_before(
    call: Call, place: Place, wanted: Before, service: EcsService, deadline: float
) -> None:
    """Run the task in the service's network and wait for its end.

    Raises BeforeError unless every essential container ended with 0 before `deadline` (monotonic),
    CancelledError, AwsError. A task that still runs then is stopped.
    """
    began = time.monotonic()
    defined = task_definitions.containers(place.access, wanted.task_definition)
    first = next((each for each in defined if each.essential), defined[0])
    arn = ecs_tasks.run(
        place.access,
        OneOff(
            cluster=place.cluster,
            task_definition=wanted.task_definition,
            container=first.name,
            command=wanted.command,
            network=wanted.network or service.network,
            launch=service.launch,
            token=uuid.uuid4().hex,
        ),
    )
    call.info(f"runs {' '.join(wanted.command)} before the rollout: task {arn.rsplit('/', 1)[-1]}")
    task = _wait(call, place, arn, deadline)
    took = time.monotonic() - began
    if task is None or task.status != "STOPPED":
        _stop(call, place, arn)
        if call.cancelled.is_set():
            raise CancelledError("cancelled while the task before the rollout ran; it was stopped")
        why = f"the task before the rollout had not ended after {took:.0f} s and was stopped"
        raise BeforeError(why, log_lines(place.access, task) if task else [])
    essential = {each.name: each.essential for each in defined}
    failed = _failed(task, essential)
    if failed:
        told = [*task_lines(task), *log_lines(place.access, task)]
        raise BeforeError(f"the task before the rollout failed: {failed}", told)


def _wait(call: Call, place: Place, arn: str, deadline: float) -> EcsTask | None:
    began, pause, task = time.monotonic(), _POLL[0], None
    while time.monotonic() < deadline and not call.cancelled.is_set():
        found = ecs_tasks.described(place.access, place.cluster, [arn])
        task = found[0] if found else task
        if task is not None and task.status == "STOPPED":
            break
        state = task.status if task else "not seen yet"
        call.status(f"the task before the rollout is {state} ({time.monotonic() - began:.0f} s)")
        call.cancelled.wait(min(pause, max(0.05, deadline - time.monotonic())))
        pause = min(_POLL[1], pause * 1.3)
    return task


def _failed(task: EcsTask, essential: Mapping[str, bool]) -> str:
    for each in task.containers:
        if not essential.get(each.name, True) or each.exit_code == 0:
            continue
        code = "no exit code" if each.exit_code is None else f"exit code {each.exit_code}"
        why = each.reason or task.stopped
        return f"{each.name} ended with {code}" + (f": {why}" if why else "")
    return ""


def _stop(call: Call, place: Place, arn: str) -> None:
    try:
        ecs_tasks.stop(
            place.access, place.cluster, arn, "slipway: the rollout does not wait for it"
        )
    except ClientError as error:
        call.warning(f"the task {arn} could not be stopped: {error}")
