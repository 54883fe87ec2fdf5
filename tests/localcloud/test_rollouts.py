"""EcsRollout and LambdaRollout with real containers: deploy, no-op, failure, drift, together."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from provider.configured import Configuration, Configured
from provider.ecs_rollout import EcsRolloutError, EcsRolloutResource
from provider.lambda_rollout import LambdaRolloutError, LambdaRolloutResource
from provider.policy import Switched
from provider.resource import Call, Old, Resource
from provider.together import TogetherError, TogetherResource
from tests.fakes.lines import Lines
from tests.localcloud.cloud import REGION, Cloud
from tests.localcloud.ecs_estate import SERVER, Estate, build
from tests.localcloud.lambda_kit import Kit

SERVICES = ("ecs", "logs", "lambda", "sts", "ecr")


class Update:
    """One run of the plugin against the local cloud."""

    def __init__(self, cloud: Cloud) -> None:
        values = {
            "region": REGION,
            "endpoints": dict.fromkeys(SERVICES, cloud.url),
            "access_key": "any",
            "secret_key": "word",
        }
        configured = Configured(Configuration.of(values), Path("."))
        switched = Switched()
        self.lines = Lines()
        self.call = Call("urn", self.lines, threading.Event())
        self.ecs = EcsRolloutResource(configured, switched)
        self.function = LambdaRolloutResource(configured, switched)
        self.together = TogetherResource(configured, switched)

    def up(self, resource: Resource, wanted: dict[str, Any], old: Old | None = None) -> Old:
        return Old(inputs=wanted, outputs=resource.settle(self.call, wanted, old, False)[1])


class Backend:
    """A service on ECS, two images, and the rollouts of it."""

    def __init__(self, estate: Estate, kit: Kit, name: str) -> None:
        self.estate = estate
        self.images = kit.images
        self.name = name
        self.first = self.define("v1", SERVER)
        estate.serve(name, self.first["task_definition"], 0)

    def define(self, tag: str, script: str, **more: Any) -> dict[str, Any]:
        """The inputs of a rollout to an image of its own."""
        digest = self.images.push(f"{self.name}-{tag}", f"{self.name}-{tag}")
        image = f"{self.images.uri}:{self.name}-{tag}@{digest}"
        return {
            "service": self.name,
            "cluster": self.estate.cluster,
            "ecs_service": self.name,
            "task_definition": self.estate.define(
                self.name, script, image=image, entryPoint=["env"]
            ),
            "image": image,
            "digest": digest,
            "count": 1,
            "timeout": 60,
            **more,
        }

    def runs(self) -> list[str]:
        """The digests of its tasks, from the API itself."""
        return [task["containers"][0]["imageDigest"] for task in self.estate.tasks(self.name)]


@pytest.fixture
def estate(cloud: Cloud) -> Estate:
    """The estate of the tests of ECS."""
    return build(cloud)


def test_a_service_is_deployed_left_alone_put_back_and_mended(
    cloud: Cloud, estate: Estate, kit: Kit
) -> None:
    backend = Backend(estate, kit, "rolls")
    one, now = backend.first, Update(cloud)
    old = now.up(now.ecs, one)
    assert (old.outputs["verdict"], backend.runs()) == (f"running {one['digest']}", [one["digest"]])
    assert now.ecs.diff(now.call, old, one).changed == []
    bad = backend.define("bad", "echo no database; exit 3")
    with pytest.raises(EcsRolloutError) as error:
        now.up(now.ecs, bad, old)
    text = str(error.value)
    assert f"put back to {one['digest']} (rolls:1): " in text
    assert "ended with exit code 3" in text
    assert "log app: no database" in text
    assert backend.runs() == [one["digest"]]
    two = backend.define("v2", SERVER)
    mended = now.up(now.ecs, two, old)
    assert (mended.outputs["verdict"], backend.runs()) == (
        f"running {two['digest']}",
        [two["digest"]],
    )
    estate.ecs.update_service(
        cluster=estate.cluster, service="rolls", taskDefinition=one["task_definition"]
    )
    assert now.ecs.diff(now.call, mended, two).changed == ["task_definition"]
    assert "runs revision 1 of rolls instead of 3" in now.lines.facts[-1]
    estate.remove("rolls")


def test_a_migration_that_fails_leaves_a_service_alone(
    cloud: Cloud, estate: Estate, kit: Kit
) -> None:
    backend = Backend(estate, kit, "migrates")
    before = {"command": ["sh", "-c", "echo no table; exit 4"]}
    now = Update(cloud)
    with pytest.raises(EcsRolloutError, match="exit code 4") as error:
        now.up(now.ecs, {**backend.first, "before": before})
    assert "log app: no table" in str(error.value)
    assert estate.service("migrates")["desiredCount"] == 0
    fine = {**backend.first, "before": {"command": ["true"]}}
    assert now.up(now.ecs, fine).outputs["seconds"]["before"] > 0
    estate.remove("migrates")


def function(kit: Kit, name: str, tag: str, **more: Any) -> dict[str, Any]:
    """The inputs of a rollout of a function."""
    digest = kit.images.push("broken" if tag == "bad" else f"{name}-{tag}", f"{name}-{tag}")
    return {
        "service": name,
        "function": name,
        "image": f"{kit.images.uri}:{name}-{tag}@{digest}",
        "digest": digest,
        "timeout": 60,
        **more,
    }


def test_an_alias_moves_only_to_a_version_that_answers(cloud: Cloud, kit: Kit) -> None:
    one, bad, two = (function(kit, "rolled", tag) for tag in ("one", "bad", "two"))
    kit.create("rolled", "rolled-one")
    now = Update(cloud)
    old = now.up(now.function, one)
    assert old.outputs["verdict"] == f"running {one['digest']}"
    assert now.function.diff(now.call, old, one).changed == []
    with pytest.raises(LambdaRolloutError) as error:
        now.up(now.function, bad, old)
    assert f"put back to {one['digest']} (version 1): version 2 failed" in str(error.value)
    assert "log: no such module" in str(error.value)
    assert kit.invoke("rolled", Qualifier="live")[0]["program"] == "rolled-one"
    latest = kit.client.get_function(FunctionName="rolled")["Code"]["ResolvedImageUri"]
    assert latest.endswith(one["digest"])
    mended = now.up(now.function, two, old)
    assert kit.invoke("rolled", Qualifier="live")[0]["program"] == "rolled-two"
    kit.client.update_alias(FunctionName="rolled", Name="live", FunctionVersion="1")
    assert now.function.diff(now.call, mended, two).changed == ["deployed_digest"]
    assert f"live points at version 1 ({one['digest']})" in now.lines.facts[-1]


def test_together_a_function_that_fails_takes_a_service_back_with_it(
    cloud: Cloud, estate: Estate, kit: Kit
) -> None:
    backend = Backend(estate, kit, "joint")
    good, bad = (function(kit, "jointly", t, policy="together") for t in ("one", "bad"))
    kit.create("jointly", "jointly-one")
    first = Update(cloud)
    both = [
        first.up(first.ecs, {**backend.first, "policy": "together"}),
        first.up(first.function, good),
    ]
    wanted = backend.define("v2", SERVER, policy="together")
    now = Update(cloud)
    both = [now.up(now.ecs, wanted, both[0]), now.up(now.function, bad, both[1])]
    assert backend.runs() == [wanted["digest"]]
    names = ("verdict", "deployed_digest", "deployment")
    verdicts = {
        each.inputs["service"]: {
            "digest": each.inputs["digest"],
            **{name: each.outputs[name] for name in names},
        }
        for each in both
    }
    with pytest.raises(TogetherError, match="joint: had switched; put back to"):
        now.together.settle(now.call, {"verdicts": verdicts}, None, False)
    assert backend.runs() == [backend.first["digest"]]
    assert kit.invoke("jointly", Qualifier="live")[0]["program"] == "jointly-one"
    assert now.ecs.diff(now.call, both[0], wanted).changed == ["task_definition"]
    assert now.function.diff(now.call, both[1], bad).changed == ["deployed_digest"]
    estate.remove("joint")
