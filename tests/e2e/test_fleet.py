"""A fleet of four machines that others have made, found by their tag, switched one by one.

The tests stand on each other, in this order.
"""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from components.documents.user_data import install_script
from tests.estate import Estate, Ran
from tests.machines import REGION, launch, make_role

STACK, BUCKET = "fleet", "slipway-fleet-deploys"
DISK_MIB = 700
DONE = "systemctl show --property SubState slipway-converge.service | grep -x SubState=dead"
LOG = "journalctl -u slipway-converge.service --no-pager"


@dataclass
class Fleet:
    """The machines, and what is done to them."""

    estate: Estate
    slipway: Path
    ids: list[str] = field(default_factory=list)

    def launch(self, count: int) -> list[str]:
        """More machines with the fleet's tag, and small disks."""
        self.post("limits", machine_disk_mib=DISK_MIB)
        made = launch(self.estate, count, profile="fleet", role="fleet", user_data=self.script())
        self.post("limits", machine_disk_mib=0)
        self.ids = sorted([*self.ids, *made])
        return made

    def script(self) -> str:
        """User data, which has to be known here before there is a stack that tells it."""
        repository = f"127.0.0.1:{self.estate.registry_port}/fleet/{{image}}"
        return install_script(STACK, REGION, BUCKET, repository)

    def post(self, path: str, **wishes: Any) -> None:
        """Turns a knob of the cloud."""
        url = f"http://127.0.0.1:{self.estate.cloud_port}/_localcloud/{path}"
        data = json.dumps(wishes).encode()
        urllib.request.urlopen(urllib.request.Request(url, data, method="POST"), timeout=60)

    def up(self) -> Ran:
        return self.estate.up(stack=STACK, cwd=self.slipway)

    def change(self, old: str, new: str) -> None:
        """Edits the source of the service."""
        source = self.slipway.parent / "services" / "book-shop" / "app.py"
        assert old in source.read_text()
        source.write_text(source.read_text().replace(old, new))

    def serves(self, instance: str) -> str:
        """The digest that a machine answers with, through its published port; or why not."""
        asked = "curl --fail --silent --max-time 3 http://127.0.0.1:8080/version"
        ran = self.estate.on_machine(asked, instance)
        return str(json.loads(ran.text)["digest"]) if ran.code == 0 else f"nothing: {ran.text}"

    def wait_serving(self, instance: str, digest: str) -> None:
        """Until it serves that digest, and its boot has ended with it."""
        deadline = time.monotonic() + 240
        while self.serves(instance) != digest or not self.estate.on_machine(DONE, instance).text:
            assert time.monotonic() < deadline, self.estate.on_machine(LOG, instance).text
            time.sleep(0.5)

    def digests(self) -> dict[str, str]:
        return {each: self.serves(each) for each in self.ids}

    def commands(self) -> int:
        return self.estate.counters()["ssm_commands"]

    def wait_online(self, instance: str) -> None:
        wish = [{"Key": "InstanceIds", "Values": [instance]}]
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = self.estate.client("ssm").describe_instance_information(Filters=wish)
            if [each["PingStatus"] for each in found["InstanceInformationList"]] == ["Online"]:
                return
            time.sleep(0.3)
        raise AssertionError(f"{instance} is not online")


@pytest.fixture(scope="module")
def fleet(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A stack whose machines are not there yet, and a role for these."""
    top = estate.checkout(tmp_path_factory.mktemp("fleet") / "monorepo", ("book-shop",))
    shop = {"target": "host", "port": 8000, "publish": 8080, "health": "/healthz", "timeout": 300}
    estate.write_stack(
        top,
        STACK,
        registry={"kind": "ecr", "repository": "fleet/{image}", "create": True},
        bundles={"bucket": BUCKET, "create": True},
        host={"instances": {"tag": "role=fleet"}, "concurrency": 1},
        services={"book-shop": shop},
    )
    make_role(estate, "fleet", stack=STACK, bucket=BUCKET, repository="fleet/book-shop")
    made = Fleet(estate, top / "deploy")
    yield made
    if made.ids:
        estate.client("ec2").terminate_instances(InstanceIds=made.ids)


@pytest.mark.fault(19, "no machine has the tag")
def test_a_tag_that_no_machine_carries_is_refused_by_name_and_nothing_is_sent(
    fleet: Fleet,
) -> None:
    before = fleet.commands()
    for text in (
        fleet.up().refused(),
        fleet.estate.preview(stack=STACK, cwd=fleet.slipway).refused(),
    ):
        assert "no running instance carries the tag role=fleet" in text
    assert fleet.commands() == before


def test_all_machines_of_the_tag_get_the_version_one_by_one(fleet: Fleet) -> None:
    fleet.launch(4)
    before = fleet.commands()
    fleet.up().ok()
    assert fleet.commands() - before == 4, "a wave for each machine"
    digests = fleet.digests()
    assert len(set(digests.values())) == 1, digests
    assert digests[fleet.ids[0]].startswith("sha256:")


@pytest.mark.fault(
    20,
    "one of four machines fails",
    after=["test_all_machines_of_the_tag_get_the_version_one_by_one"],
)
@pytest.mark.fault(
    22,
    "a machine's disk is full",
    after=["test_all_machines_of_the_tag_get_the_version_one_by_one"],
)
def test_a_machine_that_fails_stops_the_wave_and_all_serve_what_they_served(
    fleet: Fleet,
) -> None:
    old, broken, rest = fleet.digests(), fleet.ids[2], fleet.ids[3]
    fill = "head -c 2G /dev/zero >/var/lib/docker/fill; df --output=avail /var/lib/docker"
    assert fleet.estate.on_machine(fill, broken).text.split()[-1] == "0"
    fleet.change("Welcome to", "Welcome back to")
    text = fleet.up().refused()
    assert "in wave 3 of 4: 1 failed, 0 may, and 1 hosts were not begun" in text, text
    served = re.escape(old[broken])
    for each in fleet.ids[:2]:
        assert re.search(f"{each}: had switched; put back to {served}", text), text
    assert re.search(f"{broken}: put back to {served}", text), text
    assert re.search(f"{rest}: .*{served}.*its wave was not begun", text), text
    assert fleet.digests() == old


def test_after_the_mending_an_update_converges_and_a_second_one_does_nothing(
    fleet: Fleet,
) -> None:
    old = fleet.digests()
    fleet.estate.on_machine("rm /var/lib/docker/fill", fleet.ids[2]).ok()
    fleet.up().ok()
    new = fleet.digests()
    assert len(set(new.values())) == 1
    assert new != old
    before = fleet.commands()
    fleet.up().ok()
    assert fleet.commands() == before


@pytest.mark.fault(
    16,
    "a machine is cut from the network",
    after=["test_all_machines_of_the_tag_get_the_version_one_by_one"],
)
def test_a_machine_that_does_not_listen_is_named_at_once_and_nothing_is_sent(
    fleet: Fleet,
) -> None:
    before, silent = fleet.commands(), fleet.ids[1]
    fleet.change("Welcome back to", "Welcome again to")
    fleet.post(f"machines/{silent}", network=False)
    try:
        text = fleet.up().refused()
    finally:
        fleet.post(f"machines/{silent}", network=True)
    assert f"{silent}: its agent is ConnectionLost" in text
    assert fleet.commands() == before


def test_an_agent_that_is_too_old_is_named_with_its_version(fleet: Fleet) -> None:
    before, old = fleet.commands(), fleet.ids[0]
    fleet.post(f"machines/{old}", agent="3.2.1705.0")
    try:
        text = fleet.up().refused()
    finally:
        fleet.post(f"machines/{old}", agent="3.3.3050.0")
    assert f"{old}: its agent is 3.2.1705.0; allowed: 3.3.2746.0 or newer" in text
    assert fleet.commands() == before


@pytest.mark.long
@pytest.mark.fault(
    20,
    "a machine is switched off in the middle",
    after=[
        "test_all_machines_of_the_tag_get_the_version_one_by_one",
        "test_after_the_mending_an_update_converges_and_a_second_one_does_nothing",
        "test_a_machine_that_does_not_listen_is_named_at_once_and_nothing_is_sent",
    ],
)
def test_a_machine_that_is_switched_off_in_the_middle_stops_the_wave(fleet: Fleet) -> None:
    ec2, off = fleet.estate.client("ec2"), fleet.ids[1]
    old = fleet.digests()
    ended: list[Ran] = []
    update = threading.Thread(target=lambda: ended.append(fleet.up()))
    update.start()
    while fleet.serves(fleet.ids[0]) in (old[fleet.ids[0]], "nothing: ") and not ended:
        time.sleep(0.2)
    ec2.stop_instances(InstanceIds=[off])
    update.join()
    ec2.start_instances(InstanceIds=[off])
    text = ended[0].refused()
    assert off in text
    assert f"{fleet.ids[0]}: had switched; put back to {old[fleet.ids[0]]}" in text
    assert "its wave was not begun" in text
    fleet.wait_online(off)
    fleet.up().ok()
    assert len(set(fleet.digests().values())) == 1


@pytest.mark.long
@pytest.mark.fault(
    21, "a machine is replaced", after=["test_all_machines_of_the_tag_get_the_version_one_by_one"]
)
def test_a_machine_that_replaces_another_serves_before_any_update_and_the_next_leaves_it_alone(
    fleet: Fleet,
) -> None:
    fleet.up().ok()
    ec2, gone = fleet.estate.client("ec2"), fleet.ids.pop(0)
    kept = list(fleet.ids)
    since = [fleet.estate.on_machine(BEGAN, each).ok() for each in kept]
    digest, before = fleet.serves(kept[0]), fleet.commands()
    ec2.terminate_instances(InstanceIds=[gone])
    told = fleet.estate.pulumi("stack", "output", "user_data", "--stack", STACK, cwd=fleet.slipway)
    assert told.ok().rstrip() == fleet.script().rstrip()
    (new,) = fleet.launch(1)
    fleet.wait_serving(new, digest)
    assert fleet.commands() == before, "by itself"
    began = fleet.estate.on_machine(BEGAN, new).ok()
    fleet.up().ok()
    assert fleet.commands() - before == 1, "all are asked, and none is deployed to"
    assert fleet.estate.on_machine(BEGAN, new).ok() == began
    assert [fleet.estate.on_machine(BEGAN, each).ok() for each in kept] == since


@pytest.mark.long
def test_a_machine_that_is_off_during_a_deploy_and_then_a_rollback_comes_to_it_by_itself(
    fleet: Fleet,
) -> None:
    ec2, off = fleet.estate.client("ec2"), fleet.ids[0]
    old = fleet.serves(off)
    for change in (("Welcome", "Be welcome"), ("Be welcome", "Welcome")):
        ec2.stop_instances(InstanceIds=[off])
        fleet.change(*change)
        fleet.up().ok()
        new = fleet.serves(fleet.ids[1])
        before = fleet.commands()
        ec2.start_instances(InstanceIds=[off])
        fleet.wait_serving(off, new)
        assert fleet.commands() == before, "by itself"
    assert new == old
    fleet.wait_online(off)
    began = fleet.estate.on_machine(BEGAN, off).ok()
    fleet.up().ok()
    assert fleet.commands() - before == 1
    assert fleet.estate.on_machine(BEGAN, off).ok() == began


BEGAN = "docker inspect --format '{{.State.StartedAt}}' book-shop"
