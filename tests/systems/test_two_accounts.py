"""Dev and prod in two accounts: the same commands, by the recipe's own files. In order."""

from __future__ import annotations

import pytest

from tests.estate import Estate
from tests.systems.system import RECIPES, System, sample
from tests.systems.walk import walk

PROD = "210987654321"


@pytest.fixture(scope="module")
def system(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> System:
    top = tmp_path_factory.mktemp("two-accounts") / "monorepo"
    recipe = RECIPES / "two-accounts"
    system = System.of(estate, top, recipe, sample("book-shop") | sample("atta"))
    system.add_stack(recipe / "Pulumi.prod.yaml", account=PROD)
    system.commit("prod is in another account", {})
    return system


def test_dev_prod_release_and_rollback_in_two_accounts(system: System) -> None:
    walk(system)


def test_prod_has_its_own_copy_in_its_own_account(system: System) -> None:
    hosts = {
        stack: system.images(stack)["book-shop"]["ref"].partition("/")[0]
        for stack in ("dev", "prod")
    }
    assert hosts["dev"] != hosts["prod"]


def test_the_wrong_credentials_are_refused_by_the_account_s_name(system: System) -> None:
    file = system.slipway / "Pulumi.prod.yaml"
    text = file.read_text()
    file.write_text(text.replace(f'accessKey: "{PROD}"', "accessKey: local"))
    try:
        refused = system.up("prod", "-c", "version=v1.2.0").refused()
        assert f"belongs to account {PROD}, but these credentials are of account" in refused
    finally:
        file.write_text(text)


def test_a_source_in_another_account_is_read_by_its_policy(system: System) -> None:
    source = system.git("rev-parse", "HEAD")[:7]
    system.slipway_command("resume", "prod").ok()
    text = system.up("prod", "-c", "version=v1.4.0", "-c", f"source={source}").ok()
    assert "becomes v1.4.0; nothing is built" in text
    assert system.digests("prod") == system.digests("dev")
