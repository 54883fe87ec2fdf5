"""Machines that are off, gone or cut off are seen as what they are."""

import time

import docker

from localcloud.place import Place
from tests.localcloud.cloud import Cloud, Launch, container, inside


def test_a_stopped_machine_looks_offline_and_comes_back(cloud: Cloud, launch: Launch) -> None:
    ec2 = cloud.client("ec2")
    made = launch(UserData="#!/bin/sh\necho boot >> /root/boots\n")
    made.wait_online()
    made.run("echo kept > /root/kept")
    ec2.stop_instances(InstanceIds=[made.id])
    assert made.ping() == "ConnectionLost"
    ec2.start_instances(InstanceIds=[made.id])
    made.wait_online()
    assert made.run("cat /root/kept /root/boots")["StandardOutputContent"] == "kept\nboot\n"
    ec2.terminate_instances(InstanceIds=[made.id])
    assert made.ping() is None


def test_a_machine_that_switches_itself_off_is_stopped(cloud: Cloud, launch: Launch) -> None:
    made = launch()
    made.wait_online()
    inside(made, "systemctl poweroff")
    deadline = time.monotonic() + 20
    states: set[str] = set()
    while states != {"stopped"}:
        assert time.monotonic() < deadline, f"the instance is {states}"
        answer = cloud.client("ec2").describe_instances(InstanceIds=[made.id])
        states = {i["State"]["Name"] for r in answer["Reservations"] for i in r["Instances"]}
    cloud.client("ec2").terminate_instances(InstanceIds=[made.id])


def test_a_machine_cut_from_the_network_looks_offline(cloud: Cloud, launch: Launch) -> None:
    made = launch()
    made.wait_online()
    network = f"slipway-{Place.of(cloud.state).label}"
    docker.from_env().api.disconnect_container_from_network(container(made), network)
    assert made.ping() == "ConnectionLost"
    docker.from_env().api.connect_container_to_network(container(made), network)
    assert made.ping() == "Online"
    cloud.client("ec2").terminate_instances(InstanceIds=[made.id])
