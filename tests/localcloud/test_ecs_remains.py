"""What is left of tasks after the cloud: nothing, however it ended. And load balancers' targets."""

import json
import os
import signal
from pathlib import Path

import docker
import pytest
from botocore.exceptions import ClientError

from localcloud.place import Place
from tests.localcloud.cloud import Cloud, localcloud
from tests.localcloud.ecs_estate import Estate, address, build, within


def start(state: Path) -> Cloud:
    """A cloud of its own in a state folder."""
    started = localcloud("up", "--state", str(state), "--port", "0", "--registry-port", "0")
    assert started.returncode == 0, started.stderr
    ends = json.loads((state / "localcloud" / "endpoints.json").read_text())
    return Cloud(state, ends["port"], ends["registry_port"])


def containers(state: Path) -> list[str]:
    """The names of a cloud's containers."""
    label = f"slipway.localcloud.container={Place.of(state).label}"
    found = docker.from_env().api.containers(all=True, filters={"label": label})
    return [str(each["Names"][0]) for each in found]


def test_neither_a_killed_server_nor_down_leaves_a_container(tmp_path: Path) -> None:
    estate = build(start(tmp_path))
    try:
        estate.serve("left", estate.define("left"))
        estate.steady("left")
        assert len(containers(tmp_path)) == 2
        old = f"127.0.0.1:{estate.cloud.registry_port}/base/debian"
        os.kill(int((tmp_path / "localcloud" / "cloud.pid").read_text()), signal.SIGKILL)
        again = build(start(tmp_path))
        assert containers(tmp_path) == []
        assert not docker.from_env().api.images(old)
        again.serve("left", again.define("left"))
        again.steady("left")
        pulled = f"127.0.0.1:{again.cloud.registry_port}/base/debian"
        assert docker.from_env().api.images(pulled)
    finally:
        localcloud("down", "--state", str(tmp_path))
    assert containers(tmp_path) == []
    name = f"slipway-{Place.of(tmp_path).label}"
    assert not docker.from_env().api.networks(names=[name])
    assert not docker.from_env().api.images(pulled)
    assert not Place.of(tmp_path).sockets.exists()


@pytest.fixture
def estate(cloud: Cloud) -> Estate:
    """The estate of the tests of ECS."""
    return build(cloud)


def test_a_service_registers_its_tasks_where_a_load_balancer_listens(estate: Estate) -> None:
    elb, ec2 = estate.cloud.client("elbv2"), estate.cloud.client("ec2")
    subnets = ec2.describe_subnets()["Subnets"][:2]
    wish = {"Protocol": "HTTP", "Port": 3000, "VpcId": subnets[0]["VpcId"], "TargetType": "ip"}
    group = elb.create_target_group(Name="apps", **wish)["TargetGroups"][0]["TargetGroupArn"]
    balancers = [{"targetGroupArn": group, "containerName": "app", "containerPort": 3000}]
    definition = estate.define("balanced")
    with pytest.raises(ClientError, match="does not have an associated load balancer"):
        estate.serve("balanced", definition, loadBalancers=balancers)
    ids = [each["SubnetId"] for each in subnets]
    made = elb.create_load_balancer(Name="apps", Subnets=ids)["LoadBalancers"][0]
    action = [{"Type": "forward", "TargetGroupArn": group}]
    elb.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=action
    )
    wrong = [{**balancers[0], "containerPort": 3001}]
    with pytest.raises(ClientError, match="did not have a container port 3001 defined"):
        estate.serve("balanced", definition, loadBalancers=wrong)
    estate.serve("balanced", definition, loadBalancers=balancers)
    estate.steady("balanced")
    task = estate.tasks("balanced")[0]
    assert targets(estate, group) == [(address(task), 3000)]
    estate.remove("balanced")
    within(20, "gone", lambda: targets(estate, group) == [])


def targets(estate: Estate, group: str) -> list[tuple[str, int]]:
    """Addresses and ports of the targets that are in use."""
    found = estate.cloud.client("elbv2").describe_target_health(TargetGroupArn=group)
    return [
        (each["Target"]["Id"], each["Target"]["Port"])
        for each in found["TargetHealthDescriptions"]
        if each["TargetHealth"]["State"] in ("healthy", "initial")
    ]
