"""The load balancer of a service of ECS."""

from __future__ import annotations

from typing import Any

import pytest

from components.documents.task_definition import Balancer
from tests.engine import Recording, failure_of
from tests.unit.test_components_ecs import GROUP, SERVICE, backend, container, program

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b"


def balanced(**values: Any) -> Recording:
    balancer = Balancer(**values)
    return backend(balancer=balancer, health="/healthz", drain=20, grace=25)


def group(recording: Recording, name: str) -> Any:
    return next(each.inputs for each in recording.of(GROUP) if each.name == name)


def test_two_answers_five_seconds_apart_decide_and_draining_takes_as_long_as_stopping() -> None:
    made = balanced().one(TARGETS).inputs

    assert made["healthCheck"] == {
        "path": "/healthz",
        "matcher": "200-399",
        "interval": 5,
        "timeout": 4,
        "healthyThreshold": 2,
        "unhealthyThreshold": 2,
    }
    assert made["deregistrationDelay"] == 20
    assert (made["targetType"], made["port"], made["protocol"]) == ("ip", 3000, "HTTP")


def test_a_service_behind_a_balancer_waits_for_its_listener() -> None:
    recording = balanced()
    service = recording.one(SERVICE)

    assert service.inputs["loadBalancers"] == [
        {
            "targetGroupArn": recording.registered_outputs[
                recording.one("slipway:index:EcsBalancer").urn
            ]["target_group_arn"],
            "containerName": "backend",
            "containerPort": 3000,
        }
    ]
    assert service.inputs["healthCheckGracePeriodSeconds"] == 25
    assert recording.one(LISTENER).urn in service.dependencies


def test_tasks_are_reached_through_the_balancer_alone() -> None:
    (rule,) = group(balanced(), "backend-group")["ingress"]

    assert rule["securityGroups"] == ["backend-balancer-group-id"]
    assert rule["fromPort"] == rule["toPort"] == 3000
    assert not rule.get("cidrBlocks")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"public": True}, ["0.0.0.0/0"]),
        ({}, ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]),
        ({"public": True, "open_to": ("192.0.2.0/24",)}, ["192.0.2.0/24"]),
    ],
)
def test_a_balancer_is_open_to_whom_it_is_for(values: dict[str, Any], expected: list[str]) -> None:
    recording = balanced(**values)
    (rule,) = group(recording, "backend-balancer-group")["ingress"]

    assert (rule["fromPort"], rule["cidrBlocks"]) == (80, expected)
    assert recording.one(BALANCER).inputs["internal"] is not values.get("public", False)


def test_a_balancer_drops_what_is_no_header() -> None:
    made = balanced().one(BALANCER).inputs

    assert made["dropInvalidHeaderFields"] is True
    assert made["loadBalancerType"] == "application"
    assert made["name"] == "dev-backend"


def test_without_a_certificate_it_speaks_http() -> None:
    recording = balanced()
    made = recording.one(LISTENER).inputs

    assert (made["port"], made["protocol"]) == (80, "HTTP")
    assert made["defaultActions"][0]["type"] == "forward"
    assert recording.result["url"] == "http://dev-backend-1234567890.eu-west-1.elb.amazonaws.com"


def test_with_a_certificate_it_speaks_https_and_sends_http_there() -> None:
    recording = balanced(certificate=CERTIFICATE)
    made = {each.name: each.inputs for each in recording.of(LISTENER)}

    assert made["backend-https"]["certificateArn"] == CERTIFICATE
    assert made["backend-https"]["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert made["backend-https"]["defaultActions"][0]["type"] == "forward"
    assert made["backend-http"]["defaultActions"] == [
        {
            "type": "redirect",
            "redirect": {"port": "443", "protocol": "HTTPS", "statusCode": "HTTP_301"},
        }
    ]
    assert recording.result["url"].startswith("https://dev-backend-")
    ports = [rule["fromPort"] for rule in group(recording, "backend-balancer-group")["ingress"]]
    assert ports == [80, 443]


def test_another_port_is_another_target_group_that_can_stand_beside_the_first() -> None:
    first = balanced().one(TARGETS).inputs["name"]
    second = backend(balancer=Balancer(), health="/healthz", port=3001).one(TARGETS).inputs["name"]

    assert first != second
    assert max(len(first), len(second)) <= 32


def test_the_container_is_not_asked_too() -> None:
    assert "healthCheck" not in container(balanced())


def test_a_protected_balancer_is_not_deleted_in_aws_either() -> None:
    made = backend(balancer=Balancer(), health="/", args={"protect": True}).one(BALANCER)

    assert made.protect
    assert made.inputs["enableDeletionProtection"] is True
    assert not balanced().one(BALANCER).protect


def test_one_subnet_is_not_enough_for_a_balancer() -> None:
    said = failure_of(
        lambda: program(subnets=("subnet-0a",), balancer=Balancer(), health="/healthz")
    )

    assert "backend: a balancer needs two subnets, in two zones; given: subnet-0a" in said
