"""Jobs, reading back, putting back and queueing on a machine of fake tools."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.fakes.host import ATTA, SHOP, FakeHost, digest, reference


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return FakeHost(tmp_path)


def test_a_job_runs_once_and_keeps_its_container_and_folder(host: FakeHost) -> None:
    answer = host.deploy(ATTA, "v1", "good")

    assert answer.code == 0, answer.text
    assert (answer.report["outcome"], answer.report["digest"]) == ("running", digest("good"))
    assert (host.folder / "containers" / "atta").exists()
    assert (host.folder / "opt/atta/output").is_dir()
    assert host.calls("curl") == []


def test_a_failing_job_is_put_back_and_the_old_one_is_not_run_again(host: FakeHost) -> None:
    host.deploy(ATTA, "v1", "good")
    unit, env = host.read("/etc/systemd/system/atta.service"), host.read("/opt/atta/.env")
    (host.folder / "calls").unlink()
    host.image("bad", "exit1")
    answer = host.deploy(ATTA, "v2", "bad")

    assert answer.code == 1
    assert answer.report["outcome"] == "put-back", answer.text
    assert answer.report["digest"] == digest("good")
    assert "exit code of its container: 3" in answer.report["detail"]
    assert host.read("/etc/systemd/system/atta.service") == unit
    assert host.read("/opt/atta/.env") == env
    assert len(host.calls("systemctl restart")) == 1


@pytest.mark.fault(17, "a script of a host does not end in time")
def test_a_job_that_does_not_end_in_time_is_put_back(host: FakeHost) -> None:
    host.deploy(ATTA, "v1", "good")
    (host.folder / "job-seconds").write_text("30")
    answer = host.deploy(ATTA, "v2", "slow")

    assert answer.code == 1
    assert answer.report["detail"] == "did not end in time", answer.text
    assert answer.report["digest"] == digest("good")


def test_a_status_says_what_really_runs(host: FakeHost) -> None:
    assert host.send("status", SHOP, "-").report["outcome"] == "absent"
    host.deploy(SHOP, "v1", "good")
    running = host.send("status", SHOP, "-").report
    (host.folder / "containers/book-shop/State.Running").write_text("false\n")
    stopped = host.send("status", SHOP, "-").report

    assert (running["outcome"], running["digest"]) == ("running", digest("good"))
    assert running["version"] == "v1"
    assert (stopped["outcome"], stopped["digest"]) == ("failed", None)


def test_a_restore_puts_back_what_a_version_replaced_and_only_once(host: FakeHost) -> None:
    host.deploy(SHOP, "v1", "good")
    host.deploy(SHOP, "v2", "better")
    other = host.send("restore", SHOP, "v9").report
    first = host.send("restore", SHOP, "v2").report
    again = host.send("restore", SHOP, "v2").report

    assert other["digest"] == digest("better"), "v9 is not in place, so nothing may change"
    assert (first["outcome"], first["digest"], first["version"]) == (
        "put-back",
        digest("good"),
        "v1",
    )
    assert again["digest"] == digest("good")


def test_a_restore_of_the_first_version_leaves_nothing(host: FakeHost) -> None:
    host.deploy(SHOP, "v1", "good")
    answer = host.send("restore", SHOP, "v1")

    assert (answer.code, answer.report["outcome"]) == (0, "absent"), answer.text
    assert host.containers() == {}


@pytest.mark.fault(8, "two deploys on one host")
def test_two_deploys_of_one_service_queue(host: FakeHost) -> None:
    host.deploy(ATTA, "v1", "good")
    (host.folder / "job-seconds").write_text("1")
    sha = host.upload("v2"), host.upload("v3")
    long = {"timeout": "20", "by": "ci@runner"}
    first = host.start("deploy", ATTA, "v2", sha256=sha[0], image=reference("b", "v2"), **long)
    time.sleep(0.4)
    second = host.send("deploy", ATTA, "v3", sha256=sha[1], image=reference("c", "v3"), **long)
    out, error = first.communicate(timeout=30)

    assert first.returncode == 0, out + error
    assert second.code == 0, second.text
    assert "queued behind v2 by ci@runner, pid " in second.text
    assert second.report["previous"] == "v2", "the second began before the first had ended"
