"""A deploy to a host under load: the procedure that stops first, and the switch, on one machine."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.host_reference import stop_pull_start
from bench.row import Row
from components.documents.host_spec import HostServiceSpec
from tests.localcloud.cloud import REGION, UBUNTU, WORK, Cloud, Machine, localcloud
from tests.localcloud.host_estate import HostEstate

RATE = 200  # requests per second, each on a connection of its own
BEFORE = 5.0  # seconds of load before a deploy
TIMES = 3
_LEAST = 1 / RATE
OURS = HostServiceSpec(
    name="ours", port=8000, publish=8101, health="/healthz", timeout=30, bake=2, drain=5
)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a client saw of one deploy."""

    down: float
    """Seconds without an answer."""
    new: float
    """Seconds until the new version answered."""
    lost: int
    """Requests without a 200."""
    asked: int
    before: float
    """p99 before it, ms."""
    during: float
    """p99 during it, ms."""


def rows() -> Iterator[Row]:
    """Seconds without an answer, seconds to the new version, and the latency of the switch."""
    with _estate() as estate:
        theirs = [_theirs(estate, number) for number in range(TIMES + 1)][1:]
        ours = [_ours(estate, number) for number in range(TIMES + 1)][1:]
    lost = sum(each.lost for each in ours)
    if lost:
        raise RuntimeError(
            f"hosts: the switch lost {lost} of {sum(e.asked for e in ours)} requests"
        )
    asked, failed = sum(each.asked for each in ours), sum(each.lost for each in theirs)
    against = "pull, stop, install, start"
    yield Row(
        what="deploy to a host: without an answer",
        ours=_LEAST,
        note=f"none: 0 of {asked} requests lost",
        against=against,
        theirs=_middle([each.down for each in theirs]),
        remark=f"{failed} of {sum(each.asked for each in theirs)} requests lost",
        source="bench/host_reference.py",
    )
    yield Row(
        what="deploy to a host: to the new version",
        ours=_middle([each.new for each in ours]),
        note="beside the old one",
        against=against,
        theirs=_middle([each.new for each in theirs]),
        remark="",
        source="bench/host_reference.py",
    )
    yield Row(
        what=f"latency p99 in the switch, {RATE} requests/s",
        ours=_middle([each.during for each in ours]) / 1000,
        note="its whole deploy, bake too",
        against="the same load before it",
        theirs=_middle([each.before for each in ours]) / 1000,
        remark="",
        source="bench/hosts.py",
    )


def _theirs(estate: HostEstate, number: int) -> Seen:
    """Of the one before, which the first deploy has not."""
    version = f"t{number}"
    image = estate.image("good", version).partition("@")[0].rpartition(":")[0]
    lines = stop_pull_start("theirs", 8102, f"{image}:good-{version}", REGION)
    return _deploy(estate, 8102, version, lambda: _run(estate, lines), first=number == 0)


def _run(estate: HostEstate, lines: list[str]) -> None:
    done = estate.machine.run(*lines)
    if done["Status"] != "Success":
        raise RuntimeError(f"hosts: the reference failed: {done['StandardErrorContent']}")


def _ours(estate: HostEstate, number: int) -> Seen:
    version = f"o{number}"

    def work() -> None:
        said = estate.deploy(OURS, version)
        if said.status != "Success":
            raise RuntimeError(f"hosts: the deploy failed: {said.text}")

    estate.image("good", version)
    return _deploy(estate, 8101, version, work, first=number == 0)


def _deploy(
    estate: HostEstate, port: int, version: str, work: Callable[[], None], *, first: bool
) -> Seen:
    if first:
        work()
        return Seen(down=0, new=0, lost=0, asked=0, before=0, during=0)
    load = estate.load(RATE, port)
    time.sleep(BEFORE)
    began = time.time()
    work()
    ended = time.time()
    _wait_for(estate, port, version)
    time.sleep(1)
    down, new, lost = load.stop().gap(began, version)
    return Seen(
        down=down,
        new=new,
        lost=lost,
        asked=len(load.seen),
        before=load.p99(0, began),
        during=load.p99(began, ended),
    )


def _wait_for(estate: HostEstate, port: int, version: str) -> None:
    """The reference ends before its container listens."""
    deadline = time.monotonic() + 60
    while (answer := estate.get(port=port)) != version:
        if time.monotonic() > deadline:
            raise RuntimeError(f"hosts: instead of {version} it answers {answer!r} after 60 s")
        time.sleep(0.2)


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


@contextmanager
def _estate() -> Iterator[HostEstate]:
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        started = localcloud("up", "--state", folder, "--port", "0", "--registry-port", "0")
        try:
            if started.returncode:
                raise RuntimeError(f"hosts: no local cloud: {started.stderr}")
            ends = json.loads((state / "localcloud" / "endpoints.json").read_text())
            cloud = Cloud(state, ends["port"], ends["registry_port"])
            machine = machine_of(cloud)
            machine.wait_online(120)
            yield HostEstate.of(cloud, machine, "hosts/bench")
        finally:
            localcloud("down", "--state", folder)


def machine_of(cloud: Cloud) -> Machine:
    """A new machine that may read every bucket and registry."""
    iam = cloud.client("iam")
    principal = {"Service": "ec2.amazonaws.com"}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="host", AssumeRolePolicyDocument=document)
    iam.create_instance_profile(InstanceProfileName="host")
    iam.add_role_to_instance_profile(InstanceProfileName="host", RoleName="host")
    core = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    iam.attach_role_policy(RoleName="host", PolicyArn=core)
    iam.put_role_policy(RoleName="host", PolicyName="work", PolicyDocument=WORK)
    made = cloud.client("ec2").run_instances(
        ImageId=cloud.client("ssm").get_parameter(Name=UBUNTU)["Parameter"]["Value"],
        MinCount=1,
        MaxCount=1,
        InstanceType="t3.micro",
        IamInstanceProfile={"Name": "host"},
    )
    return Machine(cloud, made["Instances"][0]["InstanceId"])
