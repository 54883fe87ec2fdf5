"""up, down and status: what a person sees."""

import json
import os
import socket
from pathlib import Path

import docker
import requests

from localcloud.place import Place
from tests.localcloud.cloud import Cloud, Launch, localcloud


def test_up_of_a_running_cloud_changes_nothing(cloud: Cloud) -> None:
    ends = cloud.state / "localcloud" / "endpoints.json"
    before = ends.read_text()
    again = localcloud("up", "--state", str(cloud.state))
    assert again.returncode == 0, again.stderr
    assert f"127.0.0.1:{cloud.port}" in again.stdout
    assert ends.read_text() == before


def test_a_second_server_of_the_same_state_leaves_the_first_alone(cloud: Cloud) -> None:
    state, ports = f"--state={cloud.state}", ("--port", "0", "--registry-port", "0")
    answer = localcloud("serve", state, *ports)
    assert answer.returncode == 1
    assert "already runs as pid" in answer.stderr
    assert requests.get(f"{cloud.url}/_localcloud/health", timeout=10).json()["api"] == "ready"
    assert (Place.of(cloud.state).shared_sockets / "api.sock").exists()


def test_status_says_a_line_per_part(cloud: Cloud) -> None:
    lines = localcloud("status", "--state", str(cloud.state)).stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "endpoint",
        "api",
        "registry",
        "machine image",
    ]


def test_status_without_a_cloud_says_how_to_start_one(tmp_path: Path) -> None:
    answer = localcloud("status", "--state", str(tmp_path))
    assert answer.returncode == 1
    assert "no local cloud runs" in answer.stderr
    assert "localcloud up" in answer.stderr


def test_an_occupied_port_is_named_with_its_holder_and_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        for option, variable in (
            ("--port", "SLIPWAY_CLOUD_PORT"),
            ("--registry-port", "SLIPWAY_REGISTRY_PORT"),
        ):
            ports = {"--port": "0", "--registry-port": "0", option: str(port)}
            words = [word for pair in ports.items() for word in pair]
            answer = localcloud("up", "--state", str(tmp_path), *words)
            assert answer.returncode == 1
            assert f"port {port} of 127.0.0.1 is occupied by pid {os.getpid()}" in answer.stderr
            assert variable in answer.stderr
            assert "Traceback" not in answer.stderr
    assert localcloud("down", "--state", str(tmp_path)).stdout == "nothing was running\n"


def test_a_missing_docker_engine_is_named(tmp_path: Path) -> None:
    nowhere = f"unix://{tmp_path}/no.sock"
    answer = localcloud("up", "--state", str(tmp_path), "--port", "0", DOCKER_HOST=nowhere)
    assert answer.returncode == 1
    assert "no Docker engine answers" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_missing_images_are_named_with_the_command_that_makes_them(tmp_path: Path) -> None:
    answer = localcloud("up", "--state", str(tmp_path), "--images", str(tmp_path))
    assert answer.returncode == 1
    assert "base.tar and no machine.tar" in answer.stderr
    assert "make setup" in answer.stderr


def test_a_port_that_is_no_number_is_refused(tmp_path: Path) -> None:
    answer = localcloud("up", "--state", str(tmp_path), SLIPWAY_CLOUD_PORT="http")
    assert answer.returncode == 1
    assert "SLIPWAY_CLOUD_PORT is 'http'" in answer.stderr


def test_a_foreign_process_with_the_noted_pid_is_left_alone(tmp_path: Path) -> None:
    pids = tmp_path / "localcloud"
    pids.mkdir()
    (pids / "cloud.pid").write_text(str(os.getpid()))
    assert localcloud("down", "--state", str(tmp_path)).stdout == "nothing was running\n"


def test_down_removes_its_own_machines_and_nobody_elses(
    cloud: Cloud, launch: Launch, tmp_path: Path
) -> None:
    kept = launch()
    started = localcloud("up", "--state", str(tmp_path), "--port", "0", "--registry-port", "0")
    assert started.returncode == 0, started.stderr
    ends = json.loads((tmp_path / "localcloud" / "endpoints.json").read_text())
    other = Cloud(tmp_path, ends["port"], ends["registry_port"])
    ec2 = other.client("ec2")
    ami = ec2.describe_images(Owners=["099720109477"])["Images"][-1]["ImageId"]
    made = ec2.run_instances(ImageId=ami, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    name = f"slipway-{Place.of(tmp_path).label}-{made}"
    assert names() >= {name}
    stopped = localcloud("down", "--state", str(tmp_path)).stdout
    assert "local cloud stopped" in stopped
    assert name not in names()
    assert f"slipway-{Place.of(cloud.state).label}-{kept.id}" in names()
    assert requests.get(f"{cloud.url}/_localcloud/health", timeout=10).json()["api"] == "ready"
    cloud.client("ec2").terminate_instances(InstanceIds=[kept.id])


def names() -> set[str]:
    """The names of all containers and volumes."""
    api = docker.from_env().api
    found = {c["Names"][0].lstrip("/") for c in api.containers(all=True)}
    return found | {v["Name"] for v in api.volumes()["Volumes"] or []}
