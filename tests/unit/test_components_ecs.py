"""What a service of ECS registers, property by property."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pulumi

from components.documents.task_definition import EcsServiceSpec
from components.ecs_cluster import EcsCluster, EcsClusterArgs
from components.ecs_network import find_network
from components.ecs_service import EcsService, EcsServiceArgs
from provider.sdk import Provider, ProviderArgs
from tests.engine import Recording, build, outputs_of

DIGEST = "sha256:" + "a" * 64
REF = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/backend:v1@{DIGEST}"
ARN = "arn:aws:ecr:eu-west-1:123456789012:repository/dev/backend"
REVISION = "arn:aws:ecs:eu-west-1:123456789012:task-definition/dev-backend:7"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
ROLE = "aws:iam/role:Role"
ROLLOUT = "rollout:index:EcsRollout"


def image(ref: str = REF) -> Any:
    """An image whose digest is known."""
    return SimpleNamespace(
        digest=pulumi.Output.from_input(ref.partition("@")[2]),
        ref=pulumi.Output.from_input(ref),
        tag=pulumi.Output.from_input("v1"),
    )


def program(
    *,
    name: str = "backend",
    cluster: str | None = None,
    subnets: tuple[str, ...] = (),
    ref: str = REF,
    args: dict[str, Any] | None = None,
    **service: Any,
) -> EcsService:
    """Registers one service."""
    actor = Provider(f"{name}-actor", ProviderArgs(region="eu-west-1"))
    values: dict[str, Any] = {
        "stack": "dev",
        "region": "eu-west-1",
        "service": EcsServiceSpec(**{"name": "backend", "port": 3000, **service}),
        "image": image(ref),
        "repository_arn": ARN,
        "cluster": EcsCluster(f"{name}-in", EcsClusterArgs(stack="dev", cluster=cluster)),
        "network": find_network(subnets),
        **(args or {}),
    }
    return EcsService(name, EcsServiceArgs(**values), pulumi.ResourceOptions(providers=[actor]))


def backend(*, preview: bool = False, **values: Any) -> Recording:
    """What one service registers."""
    return build(lambda: outputs_of(program(**values)), preview=preview)


def container(recording: Recording) -> dict[str, Any]:
    """The only container of the only task definition."""
    (found,) = json.loads(recording.one(TASK).inputs["containerDefinitions"])
    return dict(found)


def test_every_child_has_a_component_as_parent_and_a_name_that_begins_like_its_own() -> None:
    recording = backend()
    names = {each.urn: each.name for each in recording.components()}

    for child in recording.resources:
        if child.custom and not child.type.startswith("pulumi:providers"):
            assert child.parent in names, child.urn
            assert child.name.startswith(names[child.parent]), child.urn


def test_two_services_live_in_one_stack() -> None:
    recording = build(lambda: [program().digest, program(name="other").digest])

    assert len(recording.of(SERVICE)) == 2


def test_every_component_registers_its_outputs() -> None:
    recording = backend()

    for component in recording.components():
        assert recording.registered_outputs.get(component.urn), component.urn


def test_a_preview_registers_everything_that_the_update_does() -> None:
    previewed, done = backend(preview=True), backend()

    assert {each.urn for each in previewed.resources} == {each.urn for each in done.resources}


def test_a_service_waits_for_its_rights() -> None:
    recording = backend()
    waited = {urn.rsplit("::", 1)[1] for urn in recording.one(SERVICE).dependencies}

    assert {"backend-execution-policy", "backend-logs", "backend-task-definition"} <= waited


def test_the_rollout_owns_task_definition_and_count() -> None:
    made = backend(count=3).one(SERVICE)

    assert made.ignore_changes == ("taskDefinition", "desiredCount")
    assert made.inputs["desiredCount"] == 0, "nothing runs before the rollout does"
    assert made.inputs["taskDefinition"] == REVISION
    assert made.inputs["deploymentMinimumHealthyPercent"] == 100
    assert made.inputs["deploymentMaximumPercent"] == 200
    assert made.inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert made.inputs["launchType"] == "FARGATE"
    assert "loadBalancers" not in made.inputs


def test_a_service_is_rolled_out_with_all_that_it_needs() -> None:
    asked = backend(
        count=3,
        timeout=42,
        before=("python", "migrate.py"),
        args={"policy": "together", "release": "v1.2.0", "again": True},
    ).one(ROLLOUT)

    assert asked.inputs == {
        "service": "backend",
        "cluster": "slipway-dev",
        "ecs_service": "dev-backend",
        "task_definition": REVISION,
        "image": REF,
        "digest": DIGEST,
        "count": 3,
        "timeout": 42,
        "policy": "together",
        "before": {"command": ["python", "migrate.py"]},
        "release": "v1.2.0",
        "again": True,
    }


def test_a_service_gives_back_what_runs_and_what_its_record_says() -> None:
    def entry() -> pulumi.Output[Any]:
        return pulumi.Output.from_input(dict(program().entry))

    result = backend().result

    assert build(entry).result == {
        "target": "ecs",
        "image": REF,
        "digest": DIGEST,
        "version": "v1",
        "verdict": f"running {DIGEST}",
        "reason": "new",
        "seconds": {},
        "deployment": "20261121T071225Z-7d2a1b0-0a1b2c",
    }
    assert result["digest"] == DIGEST
    assert result["version"] == "v1"
    assert result["task_role_name"] == "dev-backend-task"
    assert "url" not in result, "without a balancer there is no address"
