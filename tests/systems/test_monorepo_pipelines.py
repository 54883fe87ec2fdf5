"""Seed 000: dev by git SHA, prod by version, nothing but Pulumi's own commands.

The tests stand on each other, in this order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.estate import Estate
from tests.ports import free_port
from tests.systems.system import RECIPES, System, images_of, sample


@pytest.fixture(scope="module")
def system(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> System:
    top = tmp_path_factory.mktemp("pipelines") / "monorepo"
    sources = images_of("services", api="one", web="one", worker="one")
    sources |= (
        sample("backend")
        | sample("notifier")
        | {
            "services/worker/Dockerfile": "ARG BASE=debian:bookworm-slim\nFROM ${BASE}\n"
            'COPY app.txt /app.txt\nCMD ["sleep", "600"]\n'
        }
    )
    return System.of(estate, top, RECIPES / "monorepo-pipelines", sources)


def spent(system: System, before: dict[str, int]) -> dict[str, int]:
    return {name: n - before[name] for name, n in system.estate.counters().items()}


def test_dev_enumerates_all_images_and_names_them_by_the_commit(system: System) -> None:
    system.up("dev").ok()
    sha = system.git("rev-parse", "HEAD").strip()
    for image in ("api", "web", "worker"):
        assert system.tags(f"dev/{image}") == [sha]


def test_only_what_changed_relative_to_main_is_built(system: System) -> None:
    before = system.digests("dev")
    system.git("switch", "--quiet", "--create", "feature/greeting")
    sha = system.commit("greeting", {"services/api/app.txt": "two"})
    counted = system.estate.counters()
    text = system.up("dev").ok()
    assert spent(system, counted)["builds"] == 1
    assert "api: building because services/api/app.txt changed" in text
    assert sha in system.tags("dev/api")
    assert sha not in system.tags("dev/web")
    now = system.digests("dev")
    assert now["api"] != before["api"]
    assert (now["web"], now["worker"]) == (before["web"], before["worker"])


def test_only_what_was_built_is_deployed_to_ecs_or_lambda(system: System) -> None:
    counted = system.estate.counters()
    source = (system.top / "services/notifier/app.py").read_text()
    system.commit("notices", {"services/notifier/app.py": f"{source}# two\n"})
    system.up("dev").ok()
    did = spent(system, counted)
    assert (did["builds"], did["ecs_deployments"]) == (1, 0)
    assert did["lambda_invocations"] == 1, "the new version was tried before it serves"
    now = system.services("dev")
    assert now["notifier"]["verdict"] == f"running {system.digests('dev')['notifier']}"
    assert now["backend"]["verdict"] == f"running {system.digests('dev')['backend']}"


def test_the_dry_run_does_nothing_and_says_what_it_would_do(system: System) -> None:
    system.commit("reply", {"services/web/app.txt": "two"})
    counted = system.estate.counters()
    text = system.preview("dev").ok()
    assert "web: will be built because services/web/app.txt changed" in text
    did = spent(system, counted)
    assert (did["builds"], did["registry_writes"], did["s3_writes"]) == (0, 0, 0)


def test_all_is_for_one_update_and_builds_only_what_is_missing(system: System) -> None:
    counted = system.estate.counters()
    text = system.up("dev", "-c", "all=true").ok()
    did = spent(system, counted)
    assert did["builds"] == 1, "web was not built yet, all else was"
    assert (did["ecs_deployments"], did["lambda_invocations"]) == (1, 1), "all is deployed again"
    assert "slipway:all is for this update alone: taken out of Pulumi.dev.yaml again" in text
    assert "slipway:all" not in system.stack_file("dev")


def test_prod_asks_for_a_version_and_checks_it(system: System) -> None:
    assert "slipway:version is missing" in system.up("prod").refused()
    for wrong in ("v1.7", "latest", "1.07.0", "v1.7.0;id"):
        text = system.up("prod", "-c", f"version={wrong}").refused()
        assert "is not a version; allowed: v1.2.0" in text
        system.git("checkout", "--", "deploy")


def test_prod_builds_every_image_always_and_names_it_by_the_version(system: System) -> None:
    counted = system.estate.counters()
    system.up("prod", "-c", "version=v1.7.0").ok()
    assert spent(system, counted)["builds"] == 5
    for image in ("api", "web", "worker"):
        assert system.tags(f"prod/{image}") == ["v1.7.0"]


def test_a_version_that_exists_is_redeployed_and_not_built_again(system: System) -> None:
    first = system.digests("prod")
    counted = system.estate.counters()
    system.up("prod", "-c", "version=2025.03").ok()
    assert spent(system, counted)["builds"] == 5, "the same content is built again"
    counted = system.estate.counters()
    text = system.up("prod", "-c", "version=v1.7.0").ok()
    assert f"api: v1.7.0 exists: redeploying {first['api']}" in text
    did = spent(system, counted)
    assert (did["builds"], did["registry_writes"]) == (0, 0)
    assert system.digests("prod") == first


def test_the_whole_environment_is_deployed_to_the_release(system: System) -> None:
    found = system.services("prod")
    for service, digest in ((each, system.digests("prod")[each]) for each in found):
        assert found[service]["verdict"] == f"running {digest}"
        assert found[service]["version"] == "v1.7.0"


def left_here(system: System, stack: str) -> list[str]:
    """The local images of a stack's worker, by their full names."""
    repository = system.images(stack)["worker"]["ref"].partition("@")[0].rpartition(":")[0]
    listing = ["docker", "images", "--format", "{{.Repository}}:{{.Tag}}", repository]
    return system.estate.run(*listing).ok().split()


def run_worker(system: System, stack: str, *version: str) -> str:
    """Runs the worker by slipway's own command; the container's name."""
    words = ["--stack", stack, "--port", str(free_port()), "--detach", "--json"]
    text = system.slipway_command("run", "worker", *version, *words).ok()
    return str(json.loads(text)["container"])


def test_a_release_removes_what_slipway_left_here_but_nothing_in_use(system: System) -> None:
    def remove(container: str) -> None:
        system.estate.run("docker", "rm", "--force", container).ok()

    in_use = run_worker(system, "dev")
    system.up("prod", "-c", "version=v1.8.0").ok()
    assert left_here(system, "dev"), "a container uses it"
    remove(in_use)
    system.up("prod", "-c", "version=v1.9.0", "-c", "cleanup=false").ok()
    assert left_here(system, "dev"), "cleanup=false keeps it"
    assert "slipway:cleanup" not in system.stack_file("prod")
    remove(run_worker(system, "prod", "v1.9.0"))
    assert left_here(system, "prod")
    tags = system.tags("dev/worker")
    system.slipway_command("cleanup", "--stack", "prod").ok()
    assert left_here(system, "prod") == []
    remove(run_worker(system, "dev"))
    system.up("prod", "-c", "version=v1.10.0").ok()
    assert left_here(system, "dev") == []
    assert system.tags("dev/worker") == tags, "the registry is never touched"


def test_the_record_says_what_was_released_and_by_whom(system: System) -> None:
    text = system.slipway_command("history", "prod", "--json").ok()
    records = json.loads(text)
    assert records, text


@pytest.fixture
def seat(system: System, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Somebody's own computer: `.env` at the root, profiles of two accounts, no key in a stack
    file. Gives the environment; afterwards all is as it was."""
    before = {stack: system.stack_file(stack) for stack in ("dev", "prod")}
    for stack, text in before.items():
        own = re.sub(r"(?m)^  aws:(accessKey|secretKey):.*\n", "", text)
        (system.slipway / f"Pulumi.{stack}.yaml").write_text(own)
    credentials = tmp_path / "credentials"
    profiles = {"acme": "123456789012", "personal": "210987654321"}
    credentials.write_text(
        "".join(
            f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key = local\n"
            for name, key in profiles.items()
        )
    )
    yield {
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
    }
    (system.top / ".env").unlink()
    for stack, text in before.items():
        (system.slipway / f"Pulumi.{stack}.yaml").write_text(text)


def say_in_env_file(system: System, profile: str, region: str = "eu-west-1") -> None:
    """The seed's file: these three keys, and whatever else its owner keeps there."""
    said = f"AWS_REGION={region}\nAWS_ACCOUNT_ID=123456789012\nAWS_PROFILE={profile}\n"
    (system.top / ".env").write_text(f"{said}DATABASE_PASSWORD=hunter2\n")


def test_the_env_file_at_the_root_says_which_account_region_and_profile(
    system: System, seat: dict[str, str]
) -> None:
    say_in_env_file(system, "acme")
    text = system.estate.pulumi(
        "preview", "--stack", "dev", "--diff", cwd=system.slipway / "docs", **seat
    ).ok()
    assert "replace" not in text
    assert "hunter2" not in text
    for folder in (system.top, system.top / "services", Path("/")):
        command = (str(system.slipway / "bin" / "slipway"), "history", "dev", "--json")
        told = json.loads(system.estate.run(*command, cwd=folder, **seat).ok())
        assert told["records"]


def test_a_wrong_account_or_region_is_refused_before_anything_is_done(
    system: System, seat: dict[str, str]
) -> None:
    counted = system.estate.counters()
    say_in_env_file(system, "personal")
    for text in (
        system.up("dev", **seat).refused(),
        system.up("prod", "-c", "version=v1.11.0", **seat).refused(),
        system.slipway_command("images", "--stack", "dev", **seat).refused(),
    ):
        assert "belongs to account 123456789012" in text
        assert f"the profile 'personal' (AWS_PROFILE in {system.top / '.env'})" in text
        assert "210987654321" in text
    say_in_env_file(system, "acme", region="us-east-1")
    text = system.up("dev", **seat).refused()
    assert "aws:region in Pulumi.dev.yaml is 'eu-west-1'" in text
    assert f"AWS_REGION in {system.top / '.env'} is 'us-east-1'" in text
    did = spent(system, counted)
    for what in ("builds", "registry_writes", "s3_writes", "api_writes"):
        assert did[what] == 0, f"{what} after a refusal"
