"""Seed 003: `make deploy-dev`, and what the pushed tag brings about. In this order."""

from __future__ import annotations

import io
import tarfile
import time

import pytest

from components.documents.service import FILES
from tests.estate import Estate
from tests.machines import launch, make_role
from tests.systems.system import RECIPES, System, sample


@pytest.fixture(scope="module")
def machine(estate: Estate) -> str:
    """An instance that was there before there was any stack."""
    bucket = "atta-deploy-artifacts"
    make_role(estate, "atta-ec2-role", stack="dev", bucket=bucket, repository="atta")
    script = (FILES / "install.sh").read_text()
    return launch(estate, 1, profile="atta-ec2-role", role="atta", user_data=script)[0]


@pytest.fixture(scope="module")
def system(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> System:
    folder = tmp_path_factory.mktemp("deploy-dev")
    system = System.of(estate, folder / "monorepo", RECIPES / "make-deploy-dev", sample("atta"))
    estate.git("init", "--quiet", "--bare", str(folder / "origin.git"), top=folder)
    system.git("switch", "--quiet", "--create", "dev")
    system.git("remote", "add", "origin", str(folder / "origin.git"))
    for tag in ("0.1.27-dev", "0.1.28-dev", "0.1.29-dev", "0.1.9-dev", "0.1.3-dev", "0.1.2-dev"):
        system.git("tag", tag)
    system.git("push", "--quiet", "origin", "dev", "--tags")
    for tag in system.git("tag").split():
        system.git("tag", "--delete", tag)
    system.commit("ready", {"README.md": "ready\n"})
    return system


def test_another_branch_than_dev_is_refused(system: System) -> None:
    system.git("switch", "--quiet", "--create", "feat/;touch${IFS}canary")
    text = system.slipway_command("deploy-dev", "--yes").refused()
    assert "dev" in text
    assert not (system.slipway / "canary").exists()
    system.git("switch", "--quiet", "dev")


def test_a_version_must_end_in_dev(system: System) -> None:
    for wrong in ("0.1.30", "0.1.30-prod", "0.1.30-dev$(touch canary)", "-dev", "v1.2.3`id`"):
        text = system.slipway_command("deploy-dev", "--version", wrong).refused()
        assert "-dev" in text
    assert "0.1.30" not in system.git("tag")
    assert not (system.slipway / "canary").exists()


def test_tags_are_fetched_five_are_shown_and_the_next_is_offered(system: System) -> None:
    text = system.slipway_command("deploy-dev", "--dry-run").ok()
    shown = [line.strip() for line in text.splitlines() if line.strip().endswith("-dev")]
    assert "0.1.29-dev" in text
    assert "0.1.2-dev" not in [line.split()[-1] for line in shown], "only the last five"
    assert "0.1.30-dev" in text
    assert "0.1.30-dev" not in system.git("tag")


def test_make_tag_makes_a_tag_without_pushing(system: System) -> None:
    system.slipway_command("tag", "--suffix", "dev", "--version", "0.1.99-dev").ok()
    assert "0.1.99-dev" in system.git("tag")
    assert "0.1.99-dev" not in system.git("ls-remote", "--tags", "origin")
    system.git("tag", "--delete", "0.1.99-dev")


def test_deploy_dev_pushes_branch_and_tag(system: System) -> None:
    system.slipway_command("deploy-dev", "--yes").ok()
    remote = system.git("ls-remote", "origin")
    head = system.git("rev-parse", "HEAD").strip()
    assert f"{head}\trefs/heads/dev" in remote
    assert f"{head}\trefs/tags/0.1.30-dev" in remote


def test_a_commit_without_a_tag_is_refused_with_the_command_that_makes_one(
    system: System,
) -> None:
    system.git("switch", "--quiet", "--detach")
    system.commit("no tag", {"services/atta/extra.txt": "none"})
    text = system.up("dev").refused()
    assert "has no tag *-dev" in text
    assert "slipway tag --suffix dev" in text
    system.git("switch", "--quiet", "dev")


def test_the_tag_is_the_images_name_and_latest_dev_follows(system: System, machine: str) -> None:
    system.up("dev").ok()
    assert system.tags("atta") == ["0.1.30-dev", "latest-dev"]
    assert system.services("dev")["atta"]["verdict"].startswith("completed")


def test_it_runs_on_the_instance_with_the_tag_and_no_other_one_was_made(
    system: System, machine: str
) -> None:
    assert system.estate.instances() == [machine]
    assert "atta" in system.estate.on_machine("docker ps -a", machine).ok()


def test_the_bundle_lies_where_it_always_did_with_what_it_always_had(system: System) -> None:
    key = "bundles/dev/deploy-bundle-0.1.30-dev.tar.gz"
    found = system.estate.client("s3").get_object(Bucket="atta-deploy-artifacts", Key=key)
    with tarfile.open(fileobj=io.BytesIO(found["Body"].read())) as bundle:
        names = bundle.getnames()
        version = bundle.extractfile("VERSION")
        assert version is not None
        assert version.read() == b"0.1.30-dev\n"
    wanted = {"deploy/ec2_deploy.sh", "deploy/systemd/atta.service", "deploy/.env.example"}
    assert wanted <= set(names)


def test_the_operators_commands_work_literally(system: System) -> None:
    def type_(command: str) -> str:
        return system.on_machine("dev", command).ok()

    assert "Loaded: loaded (/etc/systemd/system/atta.service; enabled" in (
        system.on_machine("dev", "systemctl status atta.service").text
    )
    assert "atta" in type_("docker ps -a | grep atta")
    assert "wrote /app/output/report.json" in type_("docker logs atta")
    assert "wrote" in type_('journalctl -u atta.service --since "10 minutes ago"')
    assert "harbour" in type_("cat /opt/atta/output/report.json")
    assert "IMAGE_TAG=0.1.30-dev" in type_("cat /opt/atta/.env")
    type_("systemctl restart atta.service")


def test_atta_is_a_job_that_a_person_runs(system: System, machine: str) -> None:
    before = run_of(system, machine)
    system.estate.on_machine("systemctl start atta.service", machine).ok()
    assert run_of(system, machine) > before


def test_atta_is_a_job_that_a_timer_runs(system: System, machine: str) -> None:
    timers = system.estate.on_machine("systemctl list-timers --no-pager", machine).ok()
    assert "06:00:00 UTC" in timers, timers
    assert "atta.timer" in timers
    before = run_of(system, machine)
    # Its morning is far: the same timer is given a moment that is near, until it is stopped.
    folder = "/run/systemd/system/atta.timer.d"
    soon = f"mkdir -p {folder} && printf '[Timer]\nOnActiveSec=1s\n' >{folder}/soon.conf"
    reload = "systemctl daemon-reload && systemctl restart atta.timer"
    system.estate.on_machine(f"{soon} && {reload}", machine).ok()
    deadline = time.monotonic() + 60
    while run_of(system, machine) <= before:
        assert time.monotonic() < deadline, "the timer has started nothing"
        time.sleep(0.3)
    system.estate.on_machine(f"rm -r {folder} && {reload}", machine).ok()


def run_of(system: System, machine: str) -> str:
    """When its last run began; empty while one is being prepared."""
    asked = "docker inspect --format '{{.State.StartedAt}}' atta 2>/dev/null || true"
    return system.estate.on_machine(asked, machine).ok()


def test_rollback_deploys_the_older_tag_again(system: System) -> None:
    first = system.digests("dev")
    source = (system.top / "services/atta/report.py").read_text()
    system.commit("new report", {"services/atta/report.py": source + "# more\n"})
    system.slipway_command("deploy-dev", "--yes").ok()
    system.up("dev").ok()
    assert "0.1.31-dev" in system.tags("atta")
    assert system.digests("dev") != first
    text = system.slipway_command("rollback", "dev", "0.1.30-dev", "--why", "wrong", "--yes").ok()
    assert "0.1.30-dev" in text
    assert system.digests("dev") == first
    assert "IMAGE_TAG=0.1.30-dev" in system.on_machine("dev", "cat /opt/atta/.env").ok()
