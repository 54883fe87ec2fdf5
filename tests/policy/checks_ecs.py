"""Checks of ECS and its balancers."""

from __future__ import annotations

import json
from typing import Any

from tests.policy.check import Check, Reason, on_each
from tests.policy.resources import Resource, put, rewritten

CLUSTER = "aws:ecs/cluster:Cluster"
SERVICE = "aws:ecs/service:Service"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"


def _containers(task: Resource) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(task.get("containerDefinitions", "[]"))
    return found


def _in_first(**changed: Any) -> Any:
    def change(containers: list[dict[str, Any]]) -> None:
        containers[0] |= changed

    return rewritten(TASK, "containerDefinitions", change)


def _not_public(one: Resource) -> bool:
    where = "networkConfiguration.assignPublicIp"
    return not (one.get(where) or one.get(f"ecsTarget.{where}"))


def _encrypted_way(listener: Resource) -> bool:
    action = listener.get("defaultActions.0", {})
    redirected = action.get("type") == "redirect" and action["redirect"]["protocol"] == "HTTPS"
    return bool(redirected) or bool(listener.get("protocol") == "HTTPS")


CHECKS: tuple[Check, ...] = (
    on_each(
        TASK,
        ids="CKV_AWS_336, ECS.5",
        title="the root file system of a container is read-only",
        holds=lambda one: all(each["readonlyRootFilesystem"] is True for each in _containers(one)),
        loosened=_in_first(readonlyRootFilesystem=False),
    ),
    on_each(
        TASK,
        ids="CKV_AWS_334, ECS.4",
        title="no container is privileged",
        holds=lambda one: not any(each.get("privileged") for each in _containers(one)),
        loosened=_in_first(privileged=True),
    ),
    on_each(
        TASK,
        ids="by digest",
        title="a task runs an image by its digest, never by a tag",
        holds=lambda one: all("@sha256:" in each["image"] for each in _containers(one)),
        loosened=_in_first(image="example/backend:latest"),
    ),
    on_each(
        TASK,
        ids="CKV_AWS_249",
        title="the program's role is not the one that ECS pulls and logs with",
        holds=lambda one: one.get("taskRoleArn") != one.get("executionRoleArn"),
        loosened=lambda resources: put(TASK, "taskRoleArn", "one")(
            put(TASK, "executionRoleArn", "one")(resources)
        ),
    ),
    on_each(
        (SERVICE, TARGET),
        ids="CKV_AWS_333, ECS.2",
        title="tasks have no public address",
        holds=_not_public,
        loosened=put(SERVICE, "networkConfiguration.assignPublicIp", True),
        accepted="the default network has no other way out; `subnets`, private ones",
    ),
    on_each(
        CLUSTER,
        ids="CKV_AWS_65, ECS.12",
        title="a cluster has Container Insights",
        holds=lambda one: any(
            each["name"] == "containerInsights" and each["value"] in ("enabled", "enhanced")
            for each in one.get("settings", [])
        ),
        loosened=put(CLUSTER, "settings", None),
        accepted="CloudWatch charges for each metric; `ecs.insights`",
    ),
    on_each(
        SERVICE,
        ids="circuit breaker",
        title="a deployment that fails is ended and put back by ECS as well",
        holds=lambda one: one.get("deploymentCircuitBreaker") == {"enable": True, "rollback": True},
        loosened=put(SERVICE, "deploymentCircuitBreaker.rollback", False),
    ),
    on_each(
        LISTENER,
        ids="CKV_AWS_2, CKV_AWS_103, ELB.1",
        title="a balancer speaks HTTPS, and HTTP only to send callers there",
        holds=_encrypted_way,
        loosened=put(LISTENER, "protocol", "HTTP"),
        accepted="a certificate belongs to a name of one's own; `balancer.certificate`",
    ),
    on_each(
        BALANCER,
        ids="CKV_AWS_131, ELB.4",
        title="a balancer drops invalid headers",
        holds=lambda one: one.get("dropInvalidHeaderFields") is True,
        loosened=put(BALANCER, "dropInvalidHeaderFields", False),
    ),
    on_each(
        BALANCER,
        ids="CKV_AWS_150, ELB.6",
        title="a protected stack's balancer can't be deleted",
        holds=lambda one: one.get("enableDeletionProtection") is True,
        loosened=put(BALANCER, "enableDeletionProtection", False),
    ),
)

REASONS = (
    Reason(
        ids="awskms",
        title="Pulumi's secrets are encrypted with a KMS key",
        reason="chosen by `pulumi stack init --secrets-provider awskms://…`, before any resource: "
        "see [security.md](security.md). No secret of a service is in the state in any case",
    ),
)
