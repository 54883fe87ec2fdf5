"""Jobs, environment, disk and queue on a real machine. In order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.documents.host_spec import HostServiceSpec
from tests.localcloud.cloud import Cloud, Machine
from tests.localcloud.ecs_estate import within
from tests.localcloud.host_estate import HostEstate

SHOP = HostServiceSpec(
    name="lamp",
    port=8000,
    publish=8090,
    health="/healthz",
    timeout=10,
    bake=0,
    drain=1,
    keep=1,
    parameters="/lamp/",
    needs=("COLOUR", "PLAIN"),
    environment={"PLAIN": "plain"},
)
JOB = HostServiceSpec(name="report", job=True, timeout=20, volumes=("output:/output",))


@pytest.fixture(scope="module")
def estate(cloud: Cloud, machine: Machine) -> HostEstate:
    return HostEstate.of(cloud, machine, "hosts/jobs")


@pytest.mark.fault(28, "a variable that is asked for is missing")
def test_a_missing_variable_is_refused_before_anything_is_pulled(estate: HostEstate) -> None:
    said = estate.deploy(SHOP, "v1")
    assert said.report["outcome"] == "failed"
    assert "lacks COLOUR, which .env.example lists" in said.report["detail"]
    assert "Parameter Store below /lamp/" in said.report["detail"]
    assert said.report["seconds"]["pull"] == 0


def test_parameters_reach_the_container_and_never_the_disk(estate: HostEstate) -> None:
    ssm = estate.cloud.client("ssm")
    ssm.put_parameter(Name="/lamp/COLOUR", Value="canary-blue a=b", Type="SecureString")
    said = estate.deploy(SHOP, "v1")
    assert said.status == "Success", said.text
    environment = estate.get("/env", 8090)
    assert "'COLOUR': 'canary-blue a=b'" in environment
    assert "'PLAIN': 'plain'" in environment
    assert "'IMAGE_TAG': 'v1@sha256:" in environment
    assert estate.inside("readlink /opt/lamp/.env") == "/run/slipway/lamp/env"
    assert estate.inside("stat -c %a /run/slipway/lamp/env") == "600"
    assert estate.inside("grep -rl canary-blue /opt /etc 2>/dev/null") == ""
    assert "canary-blue" not in said.text


def test_a_changed_parameter_is_there_after_the_next_deploy(estate: HostEstate) -> None:
    estate.cloud.client("ssm").put_parameter(
        Name="/lamp/COLOUR", Value="red", Type="SecureString", Overwrite=True
    )
    assert estate.deploy(SHOP, "v1").status == "Success"
    assert "'COLOUR': 'red'" in estate.get("/env", 8090)


def test_an_image_by_hand_works_as_ever(estate: HostEstate) -> None:
    estate.deploy(SHOP, "v2")
    old = estate.image("good", "v1").rpartition(":v1")[2]
    estate.inside(f"sed -i 's/IMAGE_TAG=.*/IMAGE_TAG=v1{old}/' /opt/lamp/.env")
    estate.inside("systemctl restart lamp.service")
    within(10, "v1 answers", lambda: estate.get("/", 8090) == "v1")
    assert estate.deploy(SHOP, "v2").status == "Success"
    assert estate.get("/", 8090) == "v2"


def test_a_rollback_pulls_nothing_and_old_images_go(estate: HostEstate) -> None:
    back = estate.deploy(SHOP, "v1")
    assert (back.report["seconds"]["pull"], back.report["seconds"]["download"]) == (0, 0)
    estate.deploy(SHOP, "v3")
    estate.deploy(SHOP, "v4")
    kept = estate.inside("ls /opt/lamp/releases | sed 's/-.*//'").split()
    assert kept == ["v3", "v4"], "keep: 1"
    digests = estate.inside("docker images --digests --format '{{.Digest}}'")
    assert estate.digest("good", "v2") not in digests
    assert estate.digest("good", "v4") in digests


@pytest.mark.fault(
    22,
    "no room for the image",
    after=[
        "test_parameters_reach_the_container_and_never_the_disk",
        "test_a_rollback_pulls_nothing_and_old_images_go",
    ],
)
def test_a_full_disk_is_refused_before_the_pull_with_figures(estate: HostEstate) -> None:
    said = estate.deploy(replace(SHOP, free_mib=1 << 29), "v9")
    assert said.report["outcome"] == "put-back"
    assert "MiB free, and" in said.report["detail"]
    assert "needs 536870912 MiB" in said.report["detail"]
    assert estate.get("/", 8090) == "v4"


def test_a_second_deploy_is_told_for_whom_it_waits(estate: HostEstate) -> None:
    slow = replace(SHOP, bake=4)
    first = estate.start(slow, "v5", by="ci@run-17")
    within(20, "v5 serves", lambda: estate.get("/", 8090) == "v5")
    second = estate.deploy(SHOP, "v6")
    assert "queued behind v5 by ci@run-17, pid " in second.text
    assert estate.wait(first).status == "Success"
    assert estate.get("/", 8090) == "v6"


def test_a_job_runs_and_keeps_exit_code_journal_and_output(estate: HostEstate) -> None:
    assert estate.deploy(JOB, "v1", "job").status == "Success"
    assert "the job ran as v1" in estate.inside("journalctl -u report.service --no-pager")
    assert estate.inside("cat /opt/report/output/v1") == "v1"
    failed = estate.deploy(JOB, "v2", "job:3")
    assert failed.report["outcome"] == "put-back", failed.text
    assert "exit code of its container: 3" in failed.report["detail"]
    assert "the job ran as v1" in estate.inside("docker logs report")
    assert estate.inside("systemctl start report.service; echo $?") == "0"


def test_a_job_that_need_not_succeed_is_deployed_though_it_fails(estate: HostEstate) -> None:
    said = estate.deploy(replace(JOB, must_succeed=False), "v3", "job:3")
    assert said.report["outcome"] == "running", said.text
    assert "exit code of its container: 3" in said.report["detail"]


def test_a_job_with_a_schedule_runs_by_its_timer_alone(estate: HostEstate) -> None:
    timed = replace(JOB, name="timed", schedule="rate(1 minute)")
    said = estate.deploy(timed, "v1", "job")
    assert said.report["outcome"] == "running", said.text
    assert said.report["digest"] == estate.digest("job", "v1")
    assert estate.inside("docker ps --all --filter name=timed --format x") == ""
    assert "timed.timer" in estate.inside("systemctl list-timers --no-pager")
    estate.inside("systemctl start timed.service")
    # The timer may start it at that very moment too.
    ran = "the job ran as v1"
    within(10, "its log", lambda: ran in estate.inside("docker logs timed"))
