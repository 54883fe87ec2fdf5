"""What an update takes away, in words; and what a destroy does, from a stack's state."""

from __future__ import annotations

from typing import Any

import pytest

from infra.former import Former
from infra.losses import losses
from infra.settings import Settings, read_settings
from release.destroyed import destroyed

D1, D2 = "sha256:" + "1" * 64, "sha256:" + "2" * 64
TARGETS: dict[str, dict[str, Any]] = {
    "host": {"target": "host", "port": 1},
    "ecs": {"target": "ecs", "port": 1},
    "lambda": {"target": "lambda"},
    "docker": {"target": "docker", "port": 1},
    "microk8s": {"target": "microk8s", "port": 1},
}
BEFORE = Former(
    services={"web": ("ecs", D1)},
    digests={"web": D1, "other": D2},
    repositories={"web": "dev/web", "other": "dev/other"},
    bucket="acme",
)
IMAGES = ("web", "other")


def settings(services: dict[str, Any], **more: Any) -> Settings:
    texts: dict[str, Any] = {
        "aws:region": "eu-west-1",
        "slipway:host": {"create": True},
        "slipway:bundles": {"bucket": "acme"},
        "slipway:registry": {"repository": "dev/{image}"},
        "slipway:services": services,
        **{f"slipway:{key}": value for key, value in more.items()},
    }
    return read_settings("slipway", "dev", texts)


def test_an_update_that_takes_nothing_away_says_nothing() -> None:
    assert losses(BEFORE, settings({"web": TARGETS["ecs"]}), IMAGES) == []
    assert losses(Former(), settings(dict(TARGETS)), IMAGES) == []


@pytest.mark.parametrize(("target", "said"), [
    ("host", "sudo systemctl disable --now web"),
    ("ecs", "the log group /slipway/dev/web with its logs"),
    ("lambda", "the log group /aws/lambda/dev-web with its logs"),
    ("docker", "its container goes"),
    ("microk8s", "its deployment, pods, variables, service and ingress go"),
])  # fmt: skip
def test_a_removed_service_is_one_loss_by_its_target(target: str, said: str) -> None:
    before = Former(services={"web": (target, D1)}, digests={"web": D1})
    (text,) = losses(before, settings({}), IMAGES)
    assert text.startswith("web is no service of this stack any more: ")
    assert said in text
    assert "images and records stay" in text


@pytest.mark.parametrize("target", TARGETS)
def test_the_same_image_by_the_same_target_under_a_new_name_is_a_rename(target: str) -> None:
    before = Former(services={"web": (target, D1)}, digests={"web": D1})
    (text,) = losses(before, settings({"shop": {**TARGETS[target], "image": "web"}}), IMAGES)
    assert text.startswith("web seems to become shop")
    assert "add shop and keep web" in text


@pytest.mark.parametrize("new", [
    {"shop": {**TARGETS["ecs"], "image": "other"}},
    {"shop": {**TARGETS["lambda"], "image": "web"}},
])  # fmt: skip
def test_another_image_or_target_is_no_rename(new: dict[str, Any]) -> None:
    (text,) = losses(BEFORE, settings(new), IMAGES)
    assert "is no service of this stack any more" in text


def test_another_target_is_a_loss_of_the_old_one() -> None:
    (text,) = losses(BEFORE, settings({"web": TARGETS["lambda"]}), IMAGES)
    assert text.startswith("web moves from ecs to lambda: ")


def test_a_protected_stack_is_told_how_to_go_on() -> None:
    strict = settings({}, protected=True, release={"names": ["{version}"]})
    (text,) = losses(BEFORE, strict, IMAGES)
    assert "pulumi state unprotect <urn> --stack dev" in text


@pytest.mark.parametrize(("registry", "said"), [
    ({"repository": "x/{image}"}, "web: its images go to x/web from now on"),
    ({"repository": "dev/{image}", "create": False}, "but this stack owns it no more"),
    ({"kind": "127.0.0.1:5000"}, "but this stack owns it no more"),
])  # fmt: skip
def test_repositories_that_are_left_behind_are_named(registry: Any, said: str) -> None:
    found = losses(BEFORE, settings({"web": TARGETS["ecs"]}, registry=registry), IMAGES)
    assert len(found) == 2
    assert said in found[0]
    assert "dev/web stays in the account" in found[0]


def test_an_image_without_a_dockerfile_leaves_its_repository_behind() -> None:
    (text,) = losses(BEFORE, settings({"web": TARGETS["ecs"]}), ("web",))
    assert "dev/other stays in the account with all its images" in text


def test_another_bucket_means_another_history() -> None:
    moved = settings({"web": TARGETS["ecs"]}, bundles={"bucket": "acme-2"})
    (text,) = losses(BEFORE, moved, IMAGES)
    assert "can't be rolled back to" in text


def resource(kind: str, name: str, **more: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:dev::slipway::{kind}::{name}"
    return {"type": kind, "urn": urn, "custom": True, "outputs": {"name": name}, **more}


def test_the_state_is_read_by_type_and_name() -> None:
    state = [
        resource("slipway:index:EcsService", "web"),
        resource("rollout:index:EcsRollout", "web-rollout", outputs={"deployed_digest": D1}),
        resource("rollout:index:Image", "web", outputs={"digest": D1}),
        resource("aws:ecr/repository:Repository", "web-repository", outputs={"name": "dev/web"}),
        resource("aws:s3/bucket:Bucket", "bundles-bucket", outputs={"bucket": "acme"}),
    ]
    found = Former.of({each["urn"]: each for each in state})
    assert found == Former(
        services={"web": ("ecs", D1)},
        digests={"web": D1},
        repositories={"web": "dev/web"},
        bucket="acme",
    )


def test_a_destroy_takes_what_is_not_retained_and_stops_at_what_is_protected() -> None:
    found = destroyed([
        resource("pulumi:providers:aws", "default"),
        resource("slipway:index:EcsService", "web", custom=False),
        resource("rollout:index:EcsRollout", "web-rollout"),
        resource("aws:cloudwatch/logGroup:LogGroup", "/slipway/dev/web"),
        resource("aws:iam/role:Role", "dev-web-task"),
        resource("aws:ecr/repository:Repository", "dev/web", retainOnDelete=True, protect=True),
        resource("aws:ec2/vpc:Vpc", "theirs", external=True),
    ])  # fmt: skip
    assert [(each.kind, each.name) for each in found.goes] == [
        ("log group, with its logs", "/slipway/dev/web"),
        ("aws Role", "dev-web-task"),
    ]
    assert [each.name for each in found.stays] == ["dev/web"]
    assert [each.name for each in found.protected] == ["dev/web"]


def test_services_on_machines_of_others_keep_running() -> None:
    rollout = resource("rollout:index:HostRollout", "web-rollout", inputs={"service": "web"})
    assert destroyed([rollout]).left_running == ("web",)
    machine = resource("aws:ec2/instance:Instance", "host-instance", id="i-0a")
    assert destroyed([rollout, machine]).left_running == ()
