"""Where services of ECS run, and who reaches them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine import failure_of
from tests.unit.test_components_ecs import GROUP, ROLLOUT, SERVICE, backend, program


def test_the_default_network_is_looked_up_and_its_tasks_get_an_address_to_pull_by() -> None:
    recording = backend()

    assert recording.one(GROUP).inputs["vpcId"] == "vpc-0default"
    assert recording.one(SERVICE).inputs["networkConfiguration"] == {
        "subnets": ["subnet-0a", "subnet-0b"],
        "securityGroups": ["backend-group-id"],
        "assignPublicIp": True,
    }
    assert ("aws:ec2/getVpc:getVpc", {"default": True}) in recording.calls


def test_given_subnets_are_taken_and_their_tasks_stay_private() -> None:
    recording = backend(subnets=("subnet-0d", "subnet-0c"))

    assert recording.one(GROUP).inputs["vpcId"] == "vpc-0123"
    assert recording.one(SERVICE).inputs["networkConfiguration"] == {
        "subnets": ["subnet-0c", "subnet-0d"],
        "securityGroups": ["backend-group-id"],
        "assignPublicIp": False,
    }


def test_subnets_of_two_networks_are_refused() -> None:
    said = failure_of(lambda: program(subnets=("subnet-0a", "subnet-0other")))

    assert "subnet-0a in vpc-0123, subnet-0other in vpc-0other" in said


@pytest.mark.parametrize(
    ("open_to", "expected"), [((), []), (("10.0.0.0/8",), [(3000, ["10.0.0.0/8"])])]
)
def test_nothing_comes_in_unless_it_is_opened(
    open_to: tuple[str, ...], expected: list[Any]
) -> None:
    ingress = backend(open_to=open_to).one(GROUP).inputs.get("ingress", [])

    assert [(rule["fromPort"], rule["cidrBlocks"]) for rule in ingress] == expected


def test_a_cluster_is_made_for_the_stack_unless_one_is_named() -> None:
    made = backend().one("aws:ecs/cluster:Cluster")
    named = backend(cluster="shared")

    assert made.inputs == {"name": "slipway-dev"}
    assert named.of("aws:ecs/cluster:Cluster") == []
    assert named.one(ROLLOUT).inputs["cluster"] == "shared"
    assert named.one(SERVICE).inputs["cluster"] == (
        "arn:aws:ecs:eu-west-1:123456789012:cluster/shared"
    )
