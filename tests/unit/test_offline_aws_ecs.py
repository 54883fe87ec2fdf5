"""What the offline aws plugin knows of ECS services and task definitions, on moto."""

from __future__ import annotations

import json
from collections.abc import Iterator

import grpc
import pytest

from offline.plugin.wire import UNKNOWN
from tests.offline_aws_engine import Engine, configuration, engine
from tests.offline_aws_examples import World
from tests.offline_aws_workloads import NEWER, containers, service, task_definition

TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"


@pytest.fixture(scope="module")
def world(moto_url: str) -> Iterator[World]:
    with engine(configuration(moto_url)) as asking:
        yield World(asking, moto_url, "", "", "")


def test_a_task_definition_is_compared_by_what_it_means(asking: Engine) -> None:
    made = asking.create(TASK, "td", task_definition("meaning"))
    same = json.loads(containers())[0]
    same["environment"].reverse()
    same |= {"essential": True, "cpu": 0, "mountPoints": [], "PortMappings": [{"hostPort": 3000}]}
    same["portMappings"] = [{"containerPort": 3000, "hostPort": 3000, "protocol": "tcp"}]
    del same["PortMappings"]
    reworded = {**task_definition("meaning"), "containerDefinitions": json.dumps([same])}
    assert asking.changed(made, reworded) == []
    capital = containers().replace('"portMappings"', '"PortMappings"')
    assert (
        asking.changed(made, {**task_definition("meaning"), "containerDefinitions": capital}) == []
    )
    for other in (containers(NEWER), containers(essential=False), containers(command=["x"])):
        changed = {**task_definition("meaning"), "containerDefinitions": other}
        assert list(asking.diff(made, changed).replaces) == ["containerDefinitions"]


def test_a_changed_task_definition_is_a_new_revision_and_the_former_one_is_kept(
    world: World,
) -> None:
    asking = world.engine
    first = asking.create(TASK, "td", task_definition("kept"))
    second = asking.create(
        TASK, "td", {**task_definition("kept"), "containerDefinitions": containers(NEWER)}
    )
    assert (first.state["revision"], second.state["revision"]) == (1, 2)
    assert second.state["arn"] == f"{second.state['arnWithoutRevision']}:2"
    again = asking.read(first)
    assert again is not None
    assert again.state["revision"] == 1, "a newer revision is no drift without trackLatest"
    asking.delete(first)
    ecs = world.aws("ecs")
    told = ecs.describe_task_definition(taskDefinition=first.state["arn"])["taskDefinition"]
    assert told["status"] == "ACTIVE", "skipDestroy keeps it"
    asking.delete(asking.update(second, {**second.inputs, "skipDestroy": False}))
    told = ecs.describe_task_definition(taskDefinition=second.state["arn"])["taskDefinition"]
    assert told["status"] == "INACTIVE"


@pytest.mark.parametrize(
    ("text", "named"),
    [("{", "containerDefinitions is no container list"), ('[{"image": "x"}]', "[0] has no name")],
)
def test_container_definitions_that_are_none_are_refused_before_anything(
    asking: Engine, text: str, named: str
) -> None:
    _, failures = asking.check(TASK, "td", {**task_definition(), "containerDefinitions": text})
    assert named in "\n".join(failures)
    unknown = {**task_definition(), "containerDefinitions": UNKNOWN}
    assert asking.check(TASK, "td", unknown)[1] == []


def test_a_service_is_changed_in_place_but_for_what_ecs_cannot_change(world: World) -> None:
    asking, inputs = world.engine, {**service(world), "name": "places", "loadBalancers": None}
    made = asking.create(SERVICE, "s", inputs)
    short = made.state["taskDefinition"].rpartition("/")[2]
    assert asking.changed(made, {**inputs, "taskDefinition": short}) == []
    assert asking.changed(made, {**inputs, "cluster": "main"}) == []
    for name, value in (("taskDefinition", "other:1"), ("healthCheckGracePeriodSeconds", 9)):
        difference = asking.diff(made, {**inputs, name: value})
        assert (list(difference.diffs), list(difference.replaces)) == ([name], [])
    for name, value in (("launchType", "EC2"), ("cluster", "other")):
        difference = asking.diff(made, {**inputs, name: value})
        assert list(difference.replaces) == [name]
        assert difference.deleteBeforeReplace, "its name is taken"
    asking.delete(made)


def test_a_rollout_that_moved_the_service_is_seen_by_a_refresh_and_left_alone_by_an_update(
    world: World,
) -> None:
    asking, ecs = world.engine, world.aws("ecs")
    inputs = {**service(world), "name": "moved", "loadBalancers": None}
    made = asking.create(SERVICE, "s", inputs)
    newer = asking.create(TASK, "td2", task_definition("moved")).state["arn"]
    ecs.update_service(cluster="main", service="moved", taskDefinition=newer)
    asking.update(made, {**inputs, "desiredCount": 3})
    told = ecs.describe_services(cluster="main", services=["moved"])["services"][0]
    assert (told["taskDefinition"], told["desiredCount"]) == (newer, 3)
    seen = asking.read(made)
    assert seen is not None
    assert seen.inputs["taskDefinition"] == newer
    asking.delete(made)
    assert asking.read(made) is None


def test_a_service_that_does_not_get_steady_fails_in_words(world: World) -> None:
    inputs = {**service(world), "name": "never", "loadBalancers": None, "waitForSteadyState": True}
    with pytest.raises(grpc.RpcError) as error:
        world.engine.create(SERVICE, "s", inputs, seconds=1)
    assert "steady: not reached within 1 s" in error.value.details()
