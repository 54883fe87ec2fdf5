"""The user's own commands, literally, with the stack files that slipway ships.

Dev and prod in one account; only the endpoints are added. The tests stand on each other, in order.
"""

from __future__ import annotations

import pytest

from tests.estate import PROJECT, Estate
from tests.systems.system import System, sample
from tests.systems.walk import walk

# In two accounts the same commands are typed by test_two_accounts.
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def one_account(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> System:
    top = tmp_path_factory.mktemp("one-account") / "monorepo"
    system = System.of(estate, top, PROJECT, sample("book-shop") | sample("atta"))
    return system


def test_dev_prod_release_and_rollback_in_one_account(one_account: System) -> None:
    walk(one_account)


def test_all_deploys_everything_once_and_a_plain_update_nothing(one_account: System) -> None:
    system = one_account
    before = system.estate.counters()
    system.up("dev", "-c", "all=true").ok()
    middle = system.estate.counters()
    assert middle["ssm_commands"] - before["ssm_commands"] == 2
    assert middle["builds"] == before["builds"]
    system.up("dev").ok()
    after = system.estate.counters()
    assert after["ssm_commands"] == middle["ssm_commands"], "a wish is for one update"
    assert after["s3_writes"] == middle["s3_writes"]


def test_a_wish_of_the_environment_does_not_stick_either(one_account: System) -> None:
    system = one_account
    before = system.estate.counters()
    system.up("dev", SLIPWAY_ALL="true").ok()
    middle = system.estate.counters()
    assert middle["ssm_commands"] - before["ssm_commands"] == 2
    system.up("dev").ok()
    assert system.estate.counters()["ssm_commands"] == middle["ssm_commands"]


def test_history_tells_releases_and_the_rollback(one_account: System) -> None:
    text = one_account.slipway_command("history", "prod").ok()
    assert text.index("v1.2.0") < text.index("v1.3.0"), "the newest comes first"
    assert "held" in text
