"""No secret is where anybody reads it: every byte that an estate leaves is searched for canaries.

A planted value, given in the ways that are no secrets, shows that the search reaches each place.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass

import pytest

from tests.canary_search import ProcessWatch, Sighting
from tests.e2e.canary_estate import STACK, CanaryEstate, sha256
from tests.estate import Estate

NAMES = (
    "parameter of a task",
    "secret of a task",
    "parameter of a function",
    "stack",
    "build file",
    "build environment",
)


# Pulumi's engine starts each plugin with the configuration, decrypted, in PULUMI_CONFIG; ours takes
# it out of the environment at once. And it writes it into a log that is asked for with -v=9.
PULUMIS_OWN = ("output at -v=9", "stack")
PLUGIN = re.compile(r"pulumi-resource-|-m offline\.")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One whole run: deployed, deployed again, previewed, told."""

    canary: CanaryEstate
    processes: set[Sighting]
    places: dict[str, dict[str, set[str]]]


@pytest.fixture(scope="module")
def seen(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Everything searched, once, after a run that was watched."""
    values = {name: f"canary{secrets.token_hex(12)}" for name in NAMES}
    planted = f"planted{secrets.token_hex(12)}"
    canary = CanaryEstate(estate, tmp_path_factory.mktemp("canary"), values, planted)
    watch = ProcessWatch({**values, "planted": planted})
    watch.start()
    verbose = ("-v=9", "--logtostderr", "--logflow")
    canary.run("preview", "--stack", STACK, "--diff")
    canary.run("up", "--stack", STACK, "--yes", "--skip-preview", *verbose)
    canary.run("preview", "--stack", STACK, "--json")
    canary.run("up", "--stack", STACK, "--yes", "--refresh")
    canary.run("stack", "export", "--stack", STACK)
    canary.run("slipway", "history", STACK, "--json")
    canary.run("slipway", "why", "--stack", STACK, "--json")
    time.sleep(0.2)
    processes = watch.stop()
    assert watch.looks > 50
    estate.client("ssm").send_command(
        DocumentName="AWS-RunShellScript",
        InstanceIds=estate.instances(),
        Parameters={"commands": [f"echo {planted}"]},
    )
    return Seen(canary=canary, processes=processes, places=dict(canary.places()))


def test_what_runs_really_has_each_value(seen: Seen) -> None:
    assert seen.canary.proofs() == {
        name: sha256(value) for name, value in seen.canary.values.items()
    }


def test_the_search_finds_a_planted_value_in_every_kind_of_place(seen: Seen) -> None:
    without = [place for place, found in seen.places.items() if not found.get("planted")]
    assert without == []
    assert {each.where for each in seen.processes if each.name == "planted"} == {
        "cmdline",
        "environ",
    }


@pytest.mark.fault(36, "secrets of every kind in a whole estate")
def test_no_secret_is_in_any_file_object_log_record_layer_or_output(seen: Seen) -> None:
    found = {
        (place, name): sorted(where)[:5]
        for place, names in seen.places.items()
        for name, where in names.items()
        if name != "planted" and (place, name) != PULUMIS_OWN
    }
    assert found == {}


@pytest.mark.fault(36, "secrets in argv")
def test_no_secret_is_in_an_argument_of_any_process(seen: Seen) -> None:
    secret = [each for each in seen.processes if each.name != "planted"]
    assert [each for each in secret if each.where == "cmdline"] == []


def test_secrets_are_in_the_environment_of_their_containers_alone(seen: Seen) -> None:
    """A build secret that is given by the environment is there because somebody put it there."""
    secret = [each for each in seen.processes if each.name not in ("planted", "build environment")]
    outside = [each for each in secret if not each.contained and not PLUGIN.search(each.process)]
    assert outside == []
    inside = {each.name for each in secret if each.contained}
    assert inside <= {"parameter of a task", "secret of a task"}
    plugins = {each.name for each in secret if PLUGIN.search(each.process)}
    assert plugins <= {"stack"}
