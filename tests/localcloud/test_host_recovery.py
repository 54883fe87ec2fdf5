"""A deploy that is cut off anywhere leaves a version serving, and the next one converges."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest

from components.documents.host_spec import HostServiceSpec
from components.documents.service import FILES
from tests.localcloud.cloud import Cloud, Launch, Machine
from tests.localcloud.ecs_estate import within
from tests.localcloud.host_estate import HostEstate

SHOP = HostServiceSpec(
    name="shop", port=8000, publish=8080, health="/healthz", timeout=10, bake=0, drain=1
)
NEVER = {"installed"}  # of jobs alone
AROUND = {"started", "nginx-written", "switched", "drained", "pointed", "committed"}


def boundaries() -> list[str]:
    """Every step of a deploy of a service, in the order of the files."""
    scripts = ("bootstrap", "ec2_deploy", "nginx", "settle")
    texts = "".join((FILES / f"{name}.sh").read_text() for name in scripts)
    found = re.findall(r"^ *step ([a-z-]+)$", texts, re.MULTILINE)
    return [name for name in dict.fromkeys(found) if name not in NEVER]


def often_and_rarely(steps: list[str], often: set[str]) -> list[object]:
    """Those around the switch in every run of the tests, the others in the long ones."""
    assert often <= set(steps)
    return [each if each in often else pytest.param(each, marks=pytest.mark.long) for each in steps]


@pytest.fixture(scope="module")
def own_machine(launch: Launch) -> Machine:
    """Other tests' machine must not be switched off."""
    made = launch()
    made.wait_online()
    return made


@pytest.fixture(scope="module")
def estate(cloud: Cloud, own_machine: Machine) -> HostEstate:
    estate = HostEstate.of(cloud, own_machine, "hosts/recovery")
    assert estate.deploy(SHOP, "v0").status == "Success"
    return estate


def names(estate: HostEstate) -> list[str]:
    return estate.inside("docker ps --all --format '{{.Names}}'").split()


def die_at(estate: HostEstate, step: str) -> None:
    estate.inside(f"printf %s {step} >/run/slipway/die-at")


def live_on(estate: HostEstate, where: str) -> None:
    estate.inside(f"rm -f /run/slipway/die-at; : {where}")


def reboot(estate: HostEstate) -> None:
    """Off and on again, as EC2 does it."""
    ec2, instance = estate.cloud.client("ec2"), estate.machine.id
    before = estate.inside("cat /proc/1/stat | cut -d' ' -f22")
    ec2.reboot_instances(InstanceIds=[instance])
    within(60, "a reboot", lambda: estate.inside("cat /proc/1/stat | cut -d' ' -f22") != before)
    estate.machine.wait_online()


@pytest.mark.parametrize("step", often_and_rarely(boundaries(), AROUND))
@pytest.mark.fault(7, "kill -9 of a host's script between two steps")
def test_killed_at_a_boundary_a_version_serves_and_the_next_deploy_converges(
    estate: HostEstate, step: str
) -> None:
    version = f"v-{step}"
    before = estate.get()
    die_at(estate, step)
    cut = estate.deploy(SHOP, version)
    live_on(estate, step)
    assert cut.status == "Failed", f"{step} was never reached: {cut.text}"
    assert cut.report == {}
    assert estate.get() in (before, version)
    again = estate.deploy(SHOP, version)
    assert again.report["outcome"] == "running", again.text
    assert estate.get() == version
    assert names(estate) == ["shop"]
    assert estate.inside("ls -A /opt/shop | grep -c deploying") == "0"


@pytest.mark.fault(27, "the host reboots in the switch")
@pytest.mark.parametrize(
    ("step", "serves"),
    [
        pytest.param("started", "old", marks=pytest.mark.long),
        ("switched", "old"),
        pytest.param("baked", "old", marks=pytest.mark.long),
        ("committed", "new"),
    ],
)
def test_rebooted_in_mid_switch_the_last_completed_release_serves(
    estate: HostEstate, step: str, serves: str
) -> None:
    old, new = estate.get(), f"r-{step}"
    die_at(estate, step)
    estate.deploy(SHOP, new)
    reboot(estate)
    wanted = {"old": old, "new": new}[serves]
    within(30, f"{wanted} answers", lambda: estate.get() == wanted)
    within(10, "one container", lambda: names(estate) == ["shop"])
    time.sleep(1)
    assert "active (running)" in estate.inside("systemctl status shop.service")
    assert estate.inside("basename $(readlink /opt/shop/current)").startswith(f"{wanted}-")
    # What puts it back takes the other one away before.
    named = f"IMAGE_TAG={wanted}@"
    within(10, f".env names {wanted}", lambda: named in estate.inside("cat /opt/shop/.env"))
    assert estate.deploy(SHOP, f"{new}-again").status == "Success"


@pytest.mark.fault(28, "the new version takes more memory than it may")
def test_a_version_that_takes_too_much_memory_is_put_back_and_that_is_said(
    estate: HostEstate,
) -> None:
    before = estate.get()
    said = estate.deploy(replace(SHOP, memory=64), "m1", "hungry")
    assert said.report["outcome"] == "put-back", said.text
    assert "exit code 137: killed, as what takes more than its memory is" in said.report["detail"]
    assert estate.get() == before
    assert names(estate) == ["shop"]


@pytest.mark.fault(26, "Docker restarts while a host switches")
def test_docker_that_restarts_in_mid_switch_costs_no_version_and_the_next_deploy_converges(
    estate: HostEstate,
) -> None:
    before = estate.get()
    sent = estate.start(replace(SHOP, timeout=60, bake=3), "d1")
    within(60, "the new container", lambda: "shop-next" in names(estate))
    estate.inside("systemctl restart docker")
    assert estate.wait(sent).report["outcome"] in ("running", "put-back")
    within(60, "a version serves", lambda: estate.get() in (before, "d1"))
    again = estate.deploy(SHOP, "d2")
    assert again.report["outcome"] == "running", again.text
    assert estate.get() == "d2"
    assert names(estate) == ["shop"]
