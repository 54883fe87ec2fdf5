"""A switch beside the procedure without one, on the same machine, in one run."""

from __future__ import annotations

import time
from functools import partial

from bench.host_reference import stop_pull_start
from components.documents.host_spec import HostServiceSpec
from tests.localcloud.cloud import Cloud, Machine
from tests.localcloud.ecs_estate import within
from tests.localcloud.host_estate import HostEstate

OURS = HostServiceSpec(
    name="ours", port=8000, publish=8101, health="/healthz", timeout=20, bake=0, drain=5
)


def answers(estate: HostEstate, version: str) -> bool:
    return estate.get(port=8102) == version


def test_the_switch_loses_nothing_where_stop_and_start_lose_seconds(
    cloud: Cloud, machine: Machine
) -> None:
    estate = HostEstate.of(cloud, machine, "hosts/reference")
    found = {}
    for version in ("v1", "v2"):
        image = estate.image("good", version).partition("@")[0]
        image = image.rpartition(":")[0] + f":good-{version}"
        lines = stop_pull_start("theirs", 8102, image, "eu-west-1")
        load = estate.load(port=8102) if version == "v2" else None
        began = time.time()
        done = estate.machine.run(*lines)
        assert done["Status"] == "Success", done["StandardErrorContent"]
        within(60, "it answers", partial(answers, estate, version))
        time.sleep(0.5)
        if load:
            found["stop, pull, start"] = load.stop().gap(began, "v2")
    assert estate.deploy(OURS, "v1").status == "Success"
    load = estate.load(port=8101)
    began = time.time()
    assert estate.deploy(OURS, "v2").status == "Success"
    time.sleep(1)
    found["switch"] = load.stop().gap(began, "v2")
    for name, (down, new, failed) in found.items():
        print(f"{name}: {down:.2f} s down, {new:.2f} s to the new version, {failed} requests lost")
    assert found["switch"][0] == found["switch"][2] == 0
    assert found["stop, pull, start"][0] > 0.1, "the reference measures nothing"


def test_a_unit_of_before_is_taken_over_and_comes_back_if_that_fails(
    cloud: Cloud, machine: Machine
) -> None:
    estate = HostEstate.of(cloud, machine, "hosts/takeover")
    theirs = HostServiceSpec(
        name="theirs", port=8000, publish=8102, health="/healthz", timeout=20, bake=3, drain=1
    )
    assert estate.get(port=8102) == "v2", "the reference's unit serves"
    # Its own pull at each start needs a login that lasts.
    registry = estate.images.uri.partition("/")[0]
    login = f"docker login --username AWS --password-stdin {registry}"
    ask = "aws ecr get-login-password --region eu-west-1"
    assert estate.machine.run(f"export HOME=/root; {ask} | {login}")["Status"] == "Success"
    sick = estate.deploy(theirs, "v3", "sick")
    assert sick.status == "Failed"
    assert estate.get(port=8102) == "v2"
    crashed = estate.deploy(theirs, "v4", "crash:2")
    assert "ended after the switch" in crashed.report["detail"], crashed.text
    within(20, "it serves again", lambda: estate.get(port=8102) == "v2")
    estate.machine.run(f"export HOME=/root; docker logout {registry}")
    good = estate.deploy(theirs, "v5")
    assert good.report["outcome"] == "running", good.text
    assert estate.get(port=8102) == "v5"
    assert "active (running)" in estate.inside("systemctl status theirs.service")
