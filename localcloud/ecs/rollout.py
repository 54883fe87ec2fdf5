"""The rules by which deployments go on, fail, roll back and complete.

Amazon ECS Developer Guide: "Deploy Amazon ECS services by replacing tasks" and "How the Amazon ECS
deployment circuit breaker detects failures". The numbers of this file are the local cloud's own.
"""

import time

from localcloud.ecs.service import Deployment, Service
from localcloud.ecs.task import Task

STEADY_SECONDS = 3.0
"""How long a task without a health check must run before it counts as a successful start."""
PAUSE_SECONDS = 1.0
"""Between a failed start and the next one; ECS waits longer and longer."""
FAILED_CHECK = "Task failed container health checks"
OWN_STOPS = ("TaskFailedToStart", "EssentialContainerExited")


def judge(service: Service) -> None:
    """Notes which tasks have started well and which have failed; unhealthy ones must go."""
    for deployment in service.deployments:
        for task in deployment.tasks:
            if task.health == "UNHEALTHY" and not task.leaving:
                service.say(f"(task {task.id}) failed container health checks.")
                task.ask_to_stop("ServiceSchedulerInitiated", FAILED_CHECK)
            if not task.leaving and not task.steady and started_well(task):
                task.steady = True
                deployment.failed, deployment.succeeded = 0, True
            if task.leaving and not task.judged:
                task.judged = True
                count_failure(service, deployment, task)
        deployment.tasks = [task for task in deployment.tasks if not task.ended]


def started_well(task: Task) -> bool:
    """Whether a task runs and passes its checks."""
    if task.last_status != "RUNNING":
        return False
    if task.checked:
        return task.health == "HEALTHY"
    return time.time() - task.times.get("startedAt", time.time()) >= STEADY_SECONDS


def count_failure(service: Service, deployment: Deployment, task: Task) -> None:
    """Counts the end of a task that has not started well."""
    if task.stop_code not in OWN_STOPS and task.stopped_reason != FAILED_CHECK:
        return
    if task.stop_code == "TaskFailedToStart":
        service.say(f"was unable to place a task. Reason: {task.stopped_reason}.")
    deployment.wait_until = time.time() + PAUSE_SECONDS
    if not task.steady and not deployment.succeeded:
        deployment.failed += 1
        deployment.updated = time.time()


def break_circuit(service: Service) -> None:
    """Fails the primary deployment after too many failures, and rolls back where that is on."""
    breaker = service.configuration["deploymentCircuitBreaker"]
    primary = service.primary
    if not breaker["enable"] or primary.rollout != "IN_PROGRESS":
        return
    if primary.failed < service.threshold:
        return
    primary.move("FAILED", "ECS deployment circuit breaker: tasks failed to start.")
    service.say(f"(deployment {primary.id}) deployment failed: tasks failed to start.")
    last = next((d for d in service.deployments[1:] if d.completed_once), None)
    if not breaker["rollback"] or last is None:
        return
    service.say(f"rolling back to deployment {last.id}.")
    primary.status, last.status = "ACTIVE", "PRIMARY"
    last.desired, last.failed, last.wait_until = service.desired, 0, 0
    reason = f"ECS deployment circuit breaker: rolling back to deploymentId {last.id}."
    last.move("IN_PROGRESS", reason)
    service.deployments.remove(last)
    service.deployments.insert(0, last)
    service.definition, service.steady = last.definition, False


def ready(tasks: list[Task]) -> list[Task]:
    """Those that have started well and stay."""
    return [task for task in tasks if task.steady and not task.leaving]


def drain(service: Service) -> None:
    """Stops tasks of earlier deployments as far as enough healthy ones remain, and surplus."""
    primary = service.primary
    surplus = len(primary.present) - primary.desired
    if surplus > 0:
        newest = sorted(primary.present, key=lambda task: (task.steady, -task.created))
        stop(service, primary, newest[:surplus])
    if primary.rollout == "FAILED" and service.status == "ACTIVE":
        return
    healthy = sum(len(ready(each.tasks)) for each in service.deployments)
    for deployment in service.deployments[1:]:
        useless = [task for task in deployment.present if not task.steady]
        spare = max(0, healthy - service.fewest)
        chosen = ready(deployment.tasks)[:spare]
        healthy -= len(chosen)
        # A task on its way up is of no use to a deployment that is on its way out.
        stop(service, deployment, useless + chosen)


def stop(service: Service, deployment: Deployment, tasks: list[Task]) -> None:
    """Stops tasks for the scheduler."""
    if not tasks:
        return
    reason = f"Scaling activity initiated by (deployment {service.primary.id})"
    for task in tasks:
        task.ask_to_stop("ServiceSchedulerInitiated", reason)
    names = " ".join(f"(task {task.id})" for task in tasks)
    service.steady = False
    service.say(f"has stopped {len(tasks)} running tasks: {names}.")


def missing(service: Service) -> int:
    """How many tasks the primary deployment may start now."""
    primary = service.primary
    if primary.rollout == "FAILED" or time.time() < primary.wait_until:
        return 0
    present = sum(len(each.present) for each in service.deployments)
    return max(0, min(primary.desired - len(primary.present), service.most - present))


def settle(service: Service) -> None:
    """Completes a deployment that has replaced all earlier ones; ends a deleted service."""
    primary = service.primary
    gone = not any(each.left for each in service.deployments[1:])
    if service.status == "DRAINING":
        if gone and not primary.left:
            service.status = "INACTIVE"
        return
    if primary.rollout == "FAILED" or len(ready(primary.tasks)) != primary.desired or not gone:
        return
    del service.deployments[1:]
    if primary.rollout == "IN_PROGRESS":
        primary.move("COMPLETED", f"ECS deployment {primary.id} completed.")
        primary.completed_once = True
        service.say(f"(deployment {primary.id}) deployment completed.")
    if not service.steady:
        service.steady = True
        service.say("has reached a steady state.")
