"""kill -9 of `pulumi up` at every step of a deploy to a host: a version serves, the next converges.

A deploy is what it asks of AWS. Reading calls change nothing, so a step ends at a call that writes:
the update is ended before each of them, and after it without having its answer, and while the host
is at work. One run takes down which calls there are, so that a new one is not forgotten.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.calls_proxy import WRITES, CallsProxy
from tests.estate import Estate
from tests.faults.faulty import refused_by_aws, unanswered

STACK = "killed"
STEPS: tuple[tuple[str, int, bool], ...] = (
    # call, which one of those, whether it is done before the end
    ("PutObject bundles/", 1, False),
    ("PutObject bundles/", 1, True),
    ("PutObject records/*.json", 1, False),
    ("PutObject records/*.json", 1, True),
    ("SendCommand", 1, False),
    ("SendCommand", 1, True),
    ("GetCommandInvocation", 1, False),
    ("GetCommandInvocation", 2, False),
    ("PutObject records/hosts.json", 1, False),
    ("PutObject records/hosts.json", 1, True),
    ("PutObject records/*.json", 2, False),
    ("PutObject records/*.json", 2, True),
    ("PutObject records/current.json", 1, False),
    ("PutObject records/current.json", 1, True),
)
OFTEN = (
    ("SendCommand", 1, True),
    ("GetCommandInvocation", 1, False),
    ("PutObject records/hosts.json", 1, False),
    ("PutObject records/*.json", 2, True),
)
"""One of each kind: told but not heard, at work, done but not noted, noted but not current. `make
killed` ends an update at every step."""
CHOSEN = STEPS if os.environ.get("SLIPWAY_EVERY_STEP") else OFTEN


@dataclass
class Shop:
    """A stack of one service on one machine, whose updates go through the proxy."""

    estate: Estate
    top: Path
    proxy: CallsProxy
    change: int = 0

    @property
    def slipway(self) -> Path:
        return self.top / "deploy"

    def edit(self) -> str:
        """Another greeting, which it gives, and another bundle."""
        self.change += 1
        source = self.top / "services" / "book-shop" / "app.py"
        greeting = f"Welcome number {self.change}"
        source.write_text(re.sub('GREETING = ".*"', f'GREETING = "{greeting}"', source.read_text()))
        file = self._stack_file
        file.write_text(re.sub(r"keep: \d+", f"keep: {self.change}", file.read_text()))
        return greeting

    @property
    def files(self) -> dict[Path, str]:
        """What an edit changes."""
        source = self.top / "services" / "book-shop" / "app.py"
        return {each: each.read_text() for each in (source, self._stack_file)}

    def greeting(self) -> str:
        """What the machine answers at its published port."""
        asked = "curl --fail --silent --max-time 5 http://127.0.0.1:8080/"
        ran = self.estate.on_machine(asked)
        return str(json.loads(ran.text)["greeting"]) if ran.code == 0 else f"nothing: {ran.text}"

    @property
    def _stack_file(self) -> Path:
        return self.slipway / f"Pulumi.{STACK}.yaml"

    def up(self, *words: str) -> str:
        return self.estate.up("--parallel", "1", *words, stack=STACK, cwd=self.slipway).ok()

    def up_until(self, call: str, number: int, *, answered: bool) -> None:
        """`pulumi up` that is ended by kill -9 at a call."""
        argv = ["pulumi", "up", "--stack", STACK, "--yes", "--skip-preview", "--parallel", "1"]
        log = self.estate.folder / "killed.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                [*argv, "--non-interactive"],
                cwd=self.slipway,
                env=self.estate.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

            def kill() -> None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

            self.proxy.aim(call, number, answered=answered, act=kill)
            code = process.wait(300)
        assert self.proxy.hit, f"{call} {number} never came:\n{log.read_text()}"
        assert code == -signal.SIGKILL, log.read_text()

    def free(self, *, by_unlock: bool) -> None:
        """Takes the lock away that a dead update has left."""
        if by_unlock:
            words = (".venv/bin/python", "-m", "cli.app", "unlock", STACK)
            self.estate.run(*words, cwd=self.slipway).ok()
        else:
            self.estate.pulumi("cancel", "--yes", "--stack", STACK, cwd=self.slipway).ok()


@pytest.fixture(scope="module")
def shop(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    top = estate.checkout(tmp_path_factory.mktemp("killed") / "monorepo", ("book-shop",))
    made = {"target": "host", "port": 8000, "publish": 8080, "health": "/healthz", "timeout": 300}
    file = estate.write_stack(
        top,
        STACK,
        registry={"kind": "ecr", "repository": "killed/{image}", "create": True},
        bundles={"bucket": "slipway-killed-deploys", "create": True},
        host={"create": True},
        services={"book-shop": {**made, "bake": 0, "drain": 1, "keep": 1}},
    )
    proxy = CallsProxy(estate.cloud_port)
    file.write_text(file.read_text().replace(f"127.0.0.1:{estate.cloud_port}", proxy.address))
    shop = Shop(estate, top, proxy)
    shop.edit()
    shop.up()
    yield shop
    proxy.close()


def test_these_are_the_calls_of_a_deploy_that_write(shop: Shop) -> None:
    shop.edit()
    shop.proxy.aim("none", 1, answered=False, act=lambda: None)
    shop.up()
    print(shop.proxy.calls)
    found = [call for call in shop.proxy.calls if call.startswith(WRITES)]
    assert len(found) == len(set(found)) + 1, f"a record is opened and closed: {found}"
    told = [call for call, _, done in STEPS if not done and call.startswith(WRITES)]
    assert sorted(found) == sorted(told)


@pytest.mark.parametrize(
    ("call", "number", "answered"),
    CHOSEN,
    ids=[f"{'after' if done else 'before'} {call} {n}" for call, n, done in CHOSEN],
)
@pytest.mark.fault(7, "kill -9 before and after a call of an update")
def test_an_update_that_is_killed_leaves_a_version_and_the_next_one_converges(
    shop: Shop, call: str, number: int, answered: bool
) -> None:
    began, old = time.monotonic(), shop.greeting()
    assert old.startswith("Welcome"), old
    new = shop.edit()
    shop.up_until(call, number, answered=answered)
    after = shop.greeting()
    assert after in (old, new)
    shop.free(by_unlock=STEPS.index((call, number, answered)) % 2 == 0)
    shop.up()
    assert shop.greeting() == new
    assert "unchanged" in shop.up("--expect-no-changes")
    seen = "the new one" if after == new else "the old one"
    print(f"{'after' if answered else 'before'} {call} {number}: {seen} served, converged, no-op")
    print(f"  ({time.monotonic() - began:.0f} s)")


def test_after_a_killed_update_what_ran_before_it_is_brought_back_by_deploying_it(
    shop: Shop,
) -> None:
    old, before, new = shop.greeting(), shop.files, shop.edit()
    shop.up_until("PutObject records/hosts.json", 1, answered=False)
    assert shop.greeting() == new, "it has switched, and the state does not know"
    shop.free(by_unlock=True)
    for file, text in before.items():
        file.write_text(text)
    # Its plugin may live a moment longer than the engine, and then tells how it ended.
    said = (
        r"an update since then \(.*\) (never ended|failed, and it is).*; it will be deployed again"
    )
    assert re.search(said, shop.up())
    assert shop.greeting() == old
    assert "unchanged" in shop.up("--expect-no-changes")


def test_after_an_update_that_switched_and_failed_what_ran_before_is_brought_back_by_deploying_it(
    shop: Shop,
) -> None:
    old, before, new = shop.greeting(), shop.files, shop.edit()
    shop.proxy.mend()
    shop.proxy.fault("PutObject records/hosts.json", refused_by_aws("AccessDenied", "No."))
    words = ("--yes", "--skip-preview", "--stack", STACK)
    shop.estate.pulumi("up", *words, cwd=shop.slipway).refused()
    shop.proxy.mend()
    assert shop.greeting() == new, "it has switched, and the state does not know"
    for file, text in before.items():
        file.write_text(text)
    assert "failed, and it is unknown: writing s3://slipway-killed-deploys/" in shop.up()
    assert shop.greeting() == old
    assert "unchanged" in shop.up("--expect-no-changes")


@pytest.mark.fault(18, "a command's answer is lost, then throttled and not known")
def test_a_command_whose_answer_is_lost_is_sent_again_and_deploys_once(shop: Shop) -> None:
    new = shop.edit()
    unknown = refused_by_aws("InvocationDoesNotExist", "InvocationDoesNotExist")
    busy = refused_by_aws("ThrottlingException", "Rate exceeded")
    shop.proxy.mend()
    faults = [
        shop.proxy.fault("SendCommand", unanswered),
        shop.proxy.fault("GetCommandInvocation", unknown, times=2),
        shop.proxy.fault("GetCommandInvocation", busy, times=2),
    ]
    shop.up()
    shop.proxy.mend()
    assert [each.hits for each in faults] == [1, 2, 2]
    assert shop.greeting() == new
    names = shop.estate.on_machine("docker ps --all --format '{{.Names}}'").ok().split()
    assert names == ["book-shop"]
    assert "unchanged" in shop.up("--expect-no-changes")


@pytest.mark.fault(3, "AWS's credentials expire while a host is at work")
def test_credentials_that_expire_while_a_host_is_at_work_fail_and_the_next_update_converges(
    shop: Shop,
) -> None:
    old, new = shop.greeting(), shop.edit()
    over = refused_by_aws("ExpiredTokenException", "The security token has expired.")
    shop.proxy.mend()
    shop.proxy.fault("GetCommandInvocation", over, times=10_000)
    words = ("--yes", "--skip-preview", "--stack", STACK)
    text = shop.estate.pulumi("up", *words, cwd=shop.slipway).refused()
    shop.proxy.mend()
    assert "the AWS credentials have expired; log in again" in text
    assert shop.greeting() in (old, new)
    shop.up()
    assert shop.greeting() == new
    assert "unchanged" in shop.up("--expect-no-changes")
