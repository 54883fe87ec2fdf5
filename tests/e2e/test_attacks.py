"""Hostile names and values through the whole of `pulumi up`: a canary never runs.

The tests of this module stand on each other, in this order.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from tests.estate import STACK, Estate

SHOP = {"target": "host", "port": 8000, "publish": 8080, "health": "/healthz"}


@dataclass
class Attacked:
    """A checkout in a hostile folder, and the name of a file that nothing may make."""

    estate: Estate
    top: Path
    ran: str

    @property
    def touch(self) -> str:
        """What would make it, without a blank."""
        return f"touch${{IFS}}{self.ran}"

    def nothing_ran(self) -> None:
        """It is neither here nor on the machine, in no container and no volume."""
        places = (self.estate.folder, self.top.parent, Path.cwd())
        # Not `rglob`, which gives up where a folder of somebody else's goes meanwhile.
        names = {name for place in places for _, *each in os.walk(place) for name in chain(*each)}
        assert self.ran not in names
        found = self.estate.on_machine(
            "find / -ignore_readdir_race -path /proc -prune -o -path /sys -prune -o "
            f"-name {self.ran} -print"
        )
        assert found.ok().strip() == ""


@pytest.fixture(scope="module")
def attacked(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    ran = f"ran-{secrets.token_hex(6)}"
    above = tmp_path_factory.mktemp("attacked")
    top = estate.checkout(above / f'it\'s $(touch {ran}) `touch {ran}`; "re po" & x')
    found = Attacked(estate, top, ran)
    hostile(found)
    return found


def hostile(attacked: Attacked) -> None:
    """Branch, tags, author, message and files of the service say it too."""
    estate, top, touch = attacked.estate, attacked.top, attacked.touch
    folder = top / "services" / "book-shop"
    for name in (f"$({touch})", f"`{touch}`;x", "-rf", "a\nb", "\x1b[2Jx", "--output=x", "'\""):
        (folder / name).write_text(f"$({touch})\n")
    estate.git("switch", "--quiet", "--create", f"feat/$({touch})", top=top)
    estate.git("add", "--all", top=top)
    message = f"$({touch}) [minor]\n\nRelease: $({touch})\n\x1b[2J"
    who = f"user.name=$({touch})\x1b[2J"
    estate.git("-c", who, "commit", "--quiet", "--message", message, top=top)
    for tag in (f"v1.0.0$({touch})", f"0.1.0-dev;{touch}"):
        estate.git("tag", tag, top=top)
    environment = {"HOSTILE": f"$({touch}) `{touch}`; '\" ${{IFS}} {{{{ssm:x}}}} $$ \\n %n"}
    estate.write_stack(top, services={"book-shop": {**SHOP, "environment": environment}})


@pytest.fixture(autouse=True)
def _afterwards(attacked: Attacked) -> Iterator[None]:
    yield
    attacked.nothing_ran()


def test_hostile_names_of_a_checkout_are_deployed_as_names(attacked: Attacked) -> None:
    said = attacked.estate.up(cwd=attacked.top / "deploy").ok()
    assert "\x1b[2J" not in said
    answer = attacked.estate.on_machine("curl -sS http://127.0.0.1:8080/version").ok()
    commit = attacked.estate.git("rev-parse", "HEAD", top=attacked.top).strip()
    assert json.loads(answer)["version"] == commit
    shown = attacked.estate.on_machine(
        "docker inspect --format '{{json .Config.Env}}' book-shop"
    ).ok()
    value = f"$({attacked.touch}) `{attacked.touch}`; '\" ${{IFS}} {{{{ssm:x}}}} $$ \\n %n"
    assert f"HOSTILE={value}" in json.loads(shown)


def test_what_commands_tell_of_them_moves_no_terminal(attacked: Attacked) -> None:
    folder = attacked.top / "deploy"
    for words in (("history", STACK), ("why", "--stack", STACK), ("images", "--stack", STACK)):
        said = attacked.estate.run(str(folder / "bin/slipway"), *words, cwd=folder)
        assert "\x1b[2J" not in said.text
        assert "Traceback" not in said.text, said.text


def test_hostile_settings_are_refused_all_at_once_and_nothing_is_done(attacked: Attacked) -> None:
    run = f"$({attacked.touch})"
    forms = {"book-shop": {**SHOP, "health": f"/{run}"}, f"a{run}": SHOP}
    text = refused(attacked, services=forms, registry={"repository": f"{run}/{{image}}"})
    for part in ("book-shop.health: ", f"services.a{run}: ", "registry.repository: "):
        assert part in text, text
    for what, hostile in (
        ("container", {"container": run}),
        ("user", {"user": run}),
        ("value of a variable", {"environment": {"A": f"a\n{run}"}}),
    ):
        text = refused(attacked, services={"book-shop": {**SHOP, **hostile}})
        assert f"is not a {what}; allowed: " in text, text


@pytest.mark.parametrize("version", ["v1.2.0;{}", "$({})", "v1.2.0\n{}", "-rf", "v01.2.0"])
def test_a_hostile_version_is_refused_before_anything(attacked: Attacked, version: str) -> None:
    words = ("-c", f"version={version.replace('{}', attacked.touch)}")
    assert "is not a version" in refused(attacked, *words)


def test_a_hostile_image_name_is_refused(attacked: Attacked) -> None:
    there = attacked.top / "services" / "book-shop"
    bad = there.rename(there.with_name(f"$({attacked.touch})\x1b[2J"))
    try:
        text = refused(attacked)
    finally:
        bad.rename(there)
    assert "is not a name that a registry takes" in text
    assert "\x1b[2J" not in text


def refused(attacked: Attacked, *words: str, **changed: Any) -> str:
    """What a refused `pulumi up` said, which has done nothing."""
    estate = attacked.estate
    settled: dict[str, Any] = {"services": {"book-shop": SHOP}, **changed}
    estate.write_stack(attacked.top, **settled)
    before = estate.counters()
    text = estate.up(*words, cwd=attacked.top / "deploy").refused()
    after = estate.counters()
    for name in ("builds", "registry_writes", "ssm_commands", "s3_writes", "api_writes"):
        assert after[name] == before[name], f"{name} after a refused update:\n{text}"
    return text
