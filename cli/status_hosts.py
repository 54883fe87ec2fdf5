"""What the machines of a stack run, each asked through its stack's own document."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from clients import machines, ssm
from clients.aws import AwsAccess
from clients.machines import Machine
from clients.ssm import Command, Invocation
from clients.ssm_agents import Agent, agents, document_hash
from infra.places import HostPlace
from release.host_report import HostReport, read_report
from release.record_text import plain
from release.status import Seen


def look_at_hosts(access: AwsAccess, place: HostPlace, deadline: float) -> list[Seen]:
    """What every machine runs of one service; those that are off or offline are not waited for.

    Raises AwsError.
    """
    found = machines.tagged(access, place.tag)
    if not found:
        key, value = place.tag
        return [
            _seen(place, f"{key}={value}", "absent", f"no instance carries the tag {key}={value}")
        ]
    listening = agents(access, [each.id for each in found])
    silent = [each for each in found if not _listens(each, listening)]
    asked = [each.id for each in found if each not in silent]
    seen = [_off(place, each, listening.get(each.id)) for each in silent]
    seen += _answers(access, place, asked, listening, deadline)
    return seen


def run_document(
    access: AwsAccess,
    place: HostPlace,
    instances: Sequence[str],
    parameters: dict[str, str],
    deadline: float,
) -> Iterator[Invocation] | None:
    """Each instance's answer to an action of the stack's document; None if there is none.

    `deadline` is a time.monotonic(). Raises AwsError.
    """
    hashed = document_hash(access, place.document)
    if hashed is None:
        return None
    return _run(access, place, hashed, instances, parameters, deadline)


def _run(
    access: AwsAccess,
    place: HostPlace,
    hashed: str,
    instances: Sequence[str],
    parameters: dict[str, str],
    deadline: float,
) -> Iterator[Invocation]:
    for start in range(0, len(instances), ssm.MOST_INSTANCES):
        some = instances[start : start + ssm.MOST_INSTANCES]
        command = Command(
            document=place.document,
            document_hash=hashed,
            instances=some,
            parameters=parameters,
            comment=f"slipway {parameters['action']} {place.name}",
            delivery_timeout=30,
        )
        sent = ssm.send(access, command)
        done = ssm.wait(access, sent, some, deadline=deadline, cancelled=threading.Event())
        yield from (done[each] for each in some)


def _answers(
    access: AwsAccess,
    place: HostPlace,
    instances: Sequence[str],
    listening: dict[str, Agent],
    deadline: float,
) -> list[Seen]:
    if not instances:
        return []
    parameters = {"action": "status", "service": place.name, "kind": place.kind}
    done = run_document(access, place, instances, parameters, deadline)
    if done is None:
        why = f"there is no document {place.document}: nothing was deployed to hosts yet"
        return [_seen(place, each, "absent", why, listening.get(each)) for each in instances]
    return [_judged(place, each, listening[each.instance]) for each in done]


def _judged(place: HostPlace, done: Invocation, agent: Agent) -> Seen:
    report = read_report(done.stdout, place.name)
    if report is None:
        why = "no answer in time" if done.running else f"no report ({plain(done.status)})"
        return _seen(place, done.instance, "unknown", why, agent)
    facts = _facts(agent) | _disk(report)
    runs = report.outcome == "running"
    state = ("completed" if place.kind == "job" else "running") if runs else report.outcome
    return Seen(
        service=place.name,
        target="host",
        where=done.instance,
        state=state or "unknown",
        well=runs and report.health in ("", "healthy"),
        why=report.detail or ("unhealthy" if runs and report.health == "unhealthy" else ""),
        digest=report.digest,
        version=report.version,
        since=report.since,
        health=report.health,
        facts=facts,
    )


def _listens(machine: Machine, listening: dict[str, Agent]) -> bool:
    agent = listening.get(machine.id)
    return machine.state == "running" and agent is not None and agent.ping == "Online"


def _off(place: HostPlace, machine: Machine, agent: Agent | None) -> Seen:
    if machine.state != "running":
        return _seen(place, machine.id, "offline", f"the instance is {machine.state}", agent)
    ping = f"its agent is {agent.ping}" if agent else "Systems Manager does not know it"
    return _seen(place, machine.id, "offline", ping, agent)


def _seen(place: HostPlace, where: str, state: str, why: str, agent: Agent | None = None) -> Seen:
    return Seen(
        service=place.name,
        target="host",
        where=where,
        state=state,
        well=False,
        why=why,
        facts=_facts(agent) if agent else {},
    )


def _facts(agent: Agent) -> dict[str, str]:
    return {"agent": f"{agent.version or '-'} {agent.ping}"}


def _disk(report: HostReport) -> dict[str, str]:
    free = report.disk_free_mib
    return {"disk free": f"{free / 1024:.1f} GiB" if free is not None else "-"}
