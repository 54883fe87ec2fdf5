"""The main job, through the real engine, registry, BuildKit and a real systemd machine.

The tests of this module stand on each other, in this order.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.local_stack import Client
from tests.e2e.registry_reader import RegistryReader
from tests.estate import Estate

NOTHING = {"builds": 0, "registry_writes": 0, "ssm_commands": 0, "s3_writes": 0, "api_writes": 0}


def spent(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - before[name] for name in NOTHING}


def test_the_first_update_builds_and_deploys_everything(estate: Estate) -> None:
    before = estate.counters()
    estate.up().ok()
    did = spent(before, estate.counters())
    assert did["builds"] == 2
    assert did["ssm_commands"] == 2
    services = estate.services()
    commit = estate.git("rev-parse", "HEAD").strip()
    answer = estate.get("/version")
    assert answer["version"] == commit == services["book-shop"]["version"]
    assert answer["digest"] == services["book-shop"]["digest"]
    assert services["atta"]["verdict"].startswith("completed")


def test_the_units_are_right_by_systemd_itself(estate: Estate) -> None:
    verify = "systemd-analyze verify /etc/systemd/system/{atta,book-shop}.service"
    assert estate.on_machine(verify).ok().strip() == ""


def test_the_operators_commands_of_seed_003_work_literally(estate: Estate) -> None:
    assert "wrote /app/output/report.json" in estate.on_machine("docker logs atta").ok()
    assert (
        "wrote /app/output/report.json"
        in estate.on_machine('journalctl -u atta.service --since "10 minutes ago"').ok()
    )
    assert "atta" in estate.on_machine("docker ps -a | grep atta").ok()
    assert "harbour" in estate.on_machine("cat /opt/atta/output/report.json").ok()
    assert "Loaded: loaded (/etc/systemd/system/atta.service; enabled" in (
        estate.on_machine("systemctl status atta.service").text
    )
    assert "active (running)" in estate.on_machine("systemctl status book-shop.service").ok()
    assert estate.on_machine("systemctl restart atta.service").code == 0


def test_no_login_and_no_key_is_left_on_the_machine(estate: Estate) -> None:
    assert estate.on_machine("ls /root/.docker/config.json").code != 0
    found = estate.on_machine(
        "grep -rlE '(AKIA|ASIA)[A-Z0-9]{16}' --exclude-dir=aws-cli /opt /etc /root /run 2>/dev/null"
    )
    assert found.text.strip() == ""


def test_the_same_update_again_does_nothing_at_all(estate: Estate) -> None:
    before = estate.counters()
    text = estate.up().ok()
    assert spent(before, estate.counters()) == NOTHING
    assert "updated" not in text.split("Resources:")[1]


def test_a_new_commit_that_touches_no_image_does_nothing_at_all(estate: Estate) -> None:
    (estate.top / "README.md").write_text("More words.\n")
    estate.git("add", "--all")
    estate.git("commit", "--quiet", "--message", "words")
    before = estate.counters()
    estate.up().ok()
    assert spent(before, estate.counters()) == NOTHING


def test_a_preview_names_the_image_and_the_file_and_does_nothing(
    estate: Estate, source: Path
) -> None:
    source.write_text(source.read_text().replace("Welcome to", "Welcome back to"))
    before = estate.counters()
    text = estate.preview().ok()
    assert spent(before, estate.counters()) == NOTHING
    assert "services/book-shop/app.py" in text
    # Of the other image, no more is said than that its base is a tag.
    told = [line for line in text.splitlines() if "services/atta" in line]
    assert [line for line in told if "is built from the tag" not in line] == []


def test_one_changed_file_builds_one_image_and_deploys_one_service(
    estate: Estate, source: Path
) -> None:
    source.write_text(source.read_text().replace("Welcome to", "Welcome back to"))
    before = estate.counters()
    estate.up().ok()
    did = spent(before, estate.counters())
    assert (did["builds"], did["ssm_commands"]) == (1, 1)
    # The record is opened and closed, the pointer moves, and what a host makes when it boots.
    assert did["s3_writes"] == 4
    assert estate.get("/")["greeting"].startswith("Welcome back")
    assert "-dirty-" in estate.get("/version")["version"]


def test_an_unhealthy_version_fails_and_the_old_one_goes_on_serving(
    estate: Estate, source: Path
) -> None:
    old = estate.get("/version")
    url = f"{estate.services()['book-shop']['url']}/version"
    source.write_text(source.read_text().replace("HEALTHY = True", "HEALTHY = False"))
    with Client(url) as client:
        text = estate.up().refused()
    assert "the shelves are empty" in text, "the container's log is not shown"
    assert "book-shop.service" in text, "the unit's journal is not shown"
    assert estate.get("/version") == old
    assert client.missed == 0
    assert client.answered > 20


def test_after_a_failed_update_the_next_good_one_works_and_then_nothing_is_left_to_do(
    estate: Estate,
) -> None:
    estate.up().ok()
    assert estate.get("/")["greeting"].startswith("Welcome to")
    before = estate.counters()
    estate.up().ok()
    assert spent(before, estate.counters()) == NOTHING


def test_a_refresh_finds_everything_as_it_was_left(estate: Estate) -> None:
    text = estate.pulumi("refresh", "--stack", "e2e", "--yes", "--skip-preview").ok()
    assert "updated" not in text.split("Resources:")[1], text


def test_a_fresh_stack_on_a_full_registry_builds_nothing(estate: Estate) -> None:
    estate.write_stack(
        estate.top,
        "second",
        registry={"kind": "ecr", "repository": "local/{image}", "create": False},
        bundles={"bucket": "slipway-second-deploys", "create": True},
    )
    before = estate.counters()
    estate.up(stack="second").ok()
    did = spent(before, estate.counters())
    assert did["builds"] == 0
    assert did["registry_writes"] == 0
    assert estate.get("/version", "second") == estate.get("/version")
    estate.pulumi("destroy", "--stack", "second", "--yes", "--skip-preview").ok()


def test_a_stack_can_use_a_machine_that_another_one_made(estate: Estate) -> None:
    before = estate.instances()
    estate.write_stack(
        estate.top,
        "guest",
        registry={"kind": "ecr", "repository": "local/{image}", "create": False},
        bundles={"bucket": "slipway-local-deploys", "create": False},
        host={"instances": {"tag": "Name=slipway-e2e-host"}},
    )
    estate.up(stack="guest").ok()
    assert estate.instances() == before
    assert estate.services("guest")["book-shop"]["url"] == estate.services()["book-shop"]["url"]
    estate.pulumi("destroy", "--stack", "guest", "--yes", "--skip-preview").ok()
    assert estate.instances() == before
    assert estate.get("/version")["service"] == "book-shop"


@pytest.mark.parametrize("umask", ["0077"])
def test_the_same_content_elsewhere_built_without_cache_has_the_same_manifests(
    estate: Estate, umask: str
) -> None:
    old = {
        name: RegistryReader(estate, f"local/{name}").platforms(service["digest"])
        for name, service in estate.services().items()
    }
    other = estate.folder / f"else where {umask}"
    argv = ["sh", "-c", 'umask "$1" && exec git clone --quiet "$2" "$3"', "sh", umask]
    estate.run(*argv, str(estate.top), str(other)).ok()
    (other / "deploy" / ".venv").symlink_to(estate.slipway / ".venv")
    estate.write_stack(
        other,
        "elsewhere",
        registry={"kind": "ecr", "repository": "elsewhere/{image}", "create": True},
        bundles={"bucket": "slipway-elsewhere-deploys", "create": True},
        services=None,
        host=None,
    )
    estate.run("docker", "buildx", "prune", "--force", "--all").ok()
    before = estate.counters()
    estate.up(stack="elsewhere", cwd=other / "deploy").ok()
    assert spent(before, estate.counters())["builds"] == 2
    text = estate.pulumi(
        "stack", "output", "--json", "--stack", "elsewhere", cwd=other / "deploy"
    ).ok()
    # Provenance holds the time of the build, so the indexes around them differ.
    new = {
        name: RegistryReader(estate, f"elsewhere/{name}").platforms(image["digest"])
        for name, image in json.loads(text)["images"].items()
    }
    assert new == old


def test_destroying_a_stack_keeps_its_images_and_bundles(estate: Estate) -> None:
    bundles_before = _bundles(estate)
    estate.pulumi("destroy", "--stack", "e2e", "--yes", "--skip-preview").ok()
    assert bundles_before
    assert _bundles(estate) == bundles_before
    estate.write_stack(
        estate.top,
        "again",
        registry={"kind": "ecr", "repository": "local/{image}", "create": False},
        bundles={"bucket": "slipway-local-deploys", "create": False},
    )
    before = estate.counters()
    estate.up(stack="again").ok()
    assert spent(before, estate.counters())["builds"] == 0


def _bundles(estate: Estate) -> list[str]:
    listed = estate.client("s3").list_objects_v2(Bucket="slipway-local-deploys")
    return sorted(each["Key"] for each in listed.get("Contents", []))
