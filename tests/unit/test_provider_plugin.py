"""The plugin as a process, its values on the wire, and the classes that programs import."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pulumi.runtime import rpc

from clients import CancelledError
from clients.aws import AwsAccess, AwsError
from provider import configured
from provider.configured import Configuration
from provider.wire import UNKNOWN, decode, encode, is_known


def test_secrets_are_unwrapped_and_whole_numbers_stay_whole() -> None:
    secret = {rpc._special_sig_key: rpc._special_secret_sig, "value": "canary"}
    values = decode(encode({"secret_key": secret, "n": 2, "x": 1.5, "none": None, "l": [1, None]}))
    assert values == {"secret_key": "canary", "n": 2, "x": 1.5, "l": [1, None]}


def test_an_unknown_value_is_found_however_deep() -> None:
    assert is_known({"a": [{"b": "c"}]})
    assert not is_known({"a": [{"b": UNKNOWN}]})


def test_a_configuration_never_shows_its_secret() -> None:
    values = {"region": "eu-west-1", "secret_key": "canary", "endpoints": {"ssm": "http://x"}}
    made = Configuration.of(values)
    assert made.access.secret_key == "canary"
    assert made.access.endpoint("ssm") == "http://x"
    assert "canary" not in repr(made)


def test_credentials_of_another_account_are_refused_by_one_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[AwsAccess] = []

    def account_of(access: AwsAccess) -> str:
        asked.append(access)
        return "111111111111"

    monkeypatch.setattr(configured, "account_of", account_of)
    wanted = {"region": "eu-west-1", "account": "222222222222"}
    world = configured.Configured(Configuration.of(wanted), Path("."))
    with pytest.raises(AwsError, match="belong to account 111111111111, but this stack belongs"):
        world.check_account()
    own = configured.Configured(Configuration.of({**wanted, "account": "1" * 12}), Path("."))
    own.check_account()
    own.check_account()
    assert len(asked) == 2


@pytest.mark.fault(2, "many images at once")
def test_no_more_images_are_built_at_once_than_configured() -> None:
    values = {"region": "eu-west-1", "max_builds": 2}
    world = configured.Configured(Configuration.of(values), Path("."))
    at_once, most, lock = 0, 0, threading.Lock()
    waited: list[bool] = []

    def build(_: int) -> None:
        nonlocal at_once, most
        with world.build_slot(threading.Event(), lambda: waited.append(True)):
            with lock:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.05)
            with lock:
                at_once -= 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(build, range(6)))
    assert most == 2
    assert waited


def test_waiting_for_a_builder_ends_with_the_run() -> None:
    values = {"region": "eu-west-1", "max_builds": 1}
    world = configured.Configured(Configuration.of(values), Path("."))
    cancelled = threading.Event()
    with world.build_slot(cancelled, lambda: None):
        threading.Timer(0.1, cancelled.set).start()
        with pytest.raises(CancelledError), world.build_slot(cancelled, lambda: None):
            raise AssertionError("a second slot was given")


PROJECT = Path(__file__).parents[2]


def test_the_launched_plugin_prints_its_port_and_ends_when_the_engine_is_gone(
    tmp_path: Path,
) -> None:
    # A shell stands for the engine: it is killed, as by `kill -9`, and the plugin must follow.
    launcher = PROJECT / "provider" / "pulumi-resource-rollout"
    shell = ["sh", "-c", f'"{launcher}" 127.0.0.1:1 & echo $!; wait']
    environment = {**os.environ, "VIRTUAL_ENV": sys.prefix}
    engine = subprocess.Popen(
        shell, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment
    )
    assert engine.stdout is not None
    pid, port = int(engine.stdout.readline()), int(engine.stdout.readline())
    assert 0 < port < 65536
    engine.kill()
    engine.wait()
    ended = threading.Event()
    for _ in range(60):
        if not _alive(pid):
            ended.set()
            break
        time.sleep(0.1)
    assert ended.is_set()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_program_s_classes_need_nothing_but_pulumi() -> None:
    script = (
        "import sys, pulumi; before = set(sys.modules); import provider.sdk; "
        "print(sorted(n for n in set(sys.modules) - before if not n.startswith('provider')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
