"""When a service of ECS is steady, when it still moves, and what it is put back to."""

from __future__ import annotations

from typing import Any

import pytest

from clients.ecs import EcsDeployment, EcsService
from clients.ecs_tasks import EcsContainer, EcsTask
from provider.ecs_judge import Look, digests, judge
from provider.ecs_put_back import Former, former_of
from provider.resource import Old
from tests.fakes.ecs import definition

ONE, TWO, THREE = (definition(n) for n in (1, 2, 3))
REPOSITORY = "127.0.0.1:4510/dev/backend"


def deployment(arn: str = TWO, state: str | None = "COMPLETED", **more: Any) -> EcsDeployment:
    plain: dict[str, Any] = {"desired": 1, "running": 1, "pending": 0, "failed": 0, "reason": ""}
    values = {"id": f"ecs-svc/{arn[-1]}", "primary": True, **plain, **more}
    return EcsDeployment(task_definition=arn, state=state, **values)


def service(*deployments: EcsDeployment, **more: Any) -> EcsService:
    listed = deployments or (deployment(),)
    plain = {"arn": "a", "name": "backend", "cluster": "main", "desired": 1, "running": 1}
    values: dict[str, Any] = {"pending": 0, "events": (), **plain, **more}
    return EcsService(task_definition=listed[0].task_definition, deployments=listed, **values)


def task(arn: str = TWO, status: str = "RUNNING", health: str = "HEALTHY", **more: Any) -> EcsTask:
    return EcsTask(
        arn=f"arn:aws:ecs:eu-west-1:1:task/main/{arn[-1]}{status}",
        task_definition=arn,
        started_by="ecs-svc/2",
        status=status,
        health=health,
        stopped="",
        containers=more.get("containers", ()),
    )


def container(name: str, image: str, digest: str | None) -> EcsContainer:
    return EcsContainer(
        name=name,
        image=image,
        digest=digest,
        status="RUNNING",
        health="UNKNOWN",
        exit_code=None,
        reason="",
    )


OLDER = deployment(ONE, primary=False)


@pytest.mark.parametrize(
    ("look", "state", "why"),
    [
        (Look(service=service(), tasks=(task(),)), "steady", ""),
        (Look(service=service(), tasks=(task(health="UNKNOWN"),)), "steady", ""),
        (Look(service=service(), tasks=(task(health="UNHEALTHY"),)), "moving", "1 unhealthy"),
        (Look(service=service(), tasks=(task(status="PENDING"),)), "moving", "0 of 1 tasks run"),
        (
            Look(service=service(), tasks=(task(), task(ONE))),
            "moving",
            "older or starting ones too",
        ),
        (
            Look(service=service(deployment(), OLDER), tasks=(task(),)),
            "moving",
            "older ones are being stopped",
        ),
        (
            Look(service=service(deployment(state="IN_PROGRESS")), tasks=(task(),)),
            "moving",
            "1 healthy; ECS has not completed the deployment",
        ),
        (
            Look(service=service(deployment(state="FAILED", reason="too many")), tasks=()),
            "lost",
            "too many",
        ),
        (
            Look(service=service(deployment(ONE)), tasks=(task(ONE),)),
            "lost",
            "ECS went to backend:1 by itself",
        ),
        (Look(service=None), "lost", "not there any more"),
    ],
)
def test_steady_is_one_deployment_ours_whose_tasks_all_run_and_none_unhealthy(
    look: Look, state: str, why: str
) -> None:
    judged = judge(look, TWO)
    assert judged.state == state
    assert why in judged.why


@pytest.mark.parametrize(
    ("now", "known", "former"),
    [
        (service(deployment(ONE)), "", Former(task_definition=ONE, count=1)),
        (service(deployment(ONE), desired=3), "", Former(task_definition=ONE, count=3)),
        (service(deployment(ONE), desired=0), "", Former(task_definition=ONE, count=0)),
        # Half way from 1 to 3 when somebody killed the update: 1 was completed.
        (
            service(deployment(THREE, "IN_PROGRESS"), OLDER),
            "",
            Former(task_definition=ONE, count=1),
        ),
        (
            service(deployment(TWO, "IN_PROGRESS"), OLDER),
            "",
            Former(task_definition=ONE, count=1),
        ),
        (service(deployment(TWO, "FAILED")), ONE, Former(task_definition=ONE, count=1)),
        (service(deployment(TWO, "IN_PROGRESS")), "", Former(task_definition=TWO, count=0)),
        (service(deployment(TWO)), ONE, Former(task_definition=TWO, count=1)),
    ],
)
def test_a_service_is_put_back_to_what_was_completed_last(
    now: EcsService, known: str, former: Former
) -> None:
    old = Old(inputs={}, outputs={"deployed_definition": known}) if known else None
    assert former_of(now, TWO, old) == former


def test_of_a_task_with_more_containers_the_one_of_the_image_is_judged() -> None:
    containers = (
        container("proxy", "public.ecr.aws/x/proxy:1", "sha256:p"),
        container("backend", f"{REPOSITORY}:v2@sha256:b", "sha256:b"),
    )
    look = Look(service=service(), tasks=(task(containers=containers), task(status="PENDING")))
    assert digests(look, REPOSITORY) == {"2RUNNING": "sha256:b"}
    unsaid = (container("backend", f"{REPOSITORY}@sha256:b", None),)
    assert digests(Look(service=service(), tasks=(task(containers=unsaid),)), REPOSITORY) == {
        "2RUNNING": ""
    }
