"""Seed 003: `make deploy-dev`, and what the pushed tag brings about. In this order."""

from __future__ import annotations

import io
import tarfile

import pytest

from tests.estate import Estate
from tests.systems.system import RECIPES, System, sample


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


def test_the_tag_is_the_images_name_and_latest_dev_follows(system: System) -> None:
    system.up("dev").ok()
    assert system.tags("atta") == ["0.1.30-dev", "latest-dev"]
    assert system.services("dev")["atta"]["verdict"].startswith("completed")


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
