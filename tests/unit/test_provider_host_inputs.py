"""Which inputs of HostRollout are refused, and which last lines of a host count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from clients.ssm import Invocation
from provider.host_inputs import check
from provider.host_verdict import verdict
from provider.wire import UNKNOWN
from tests.unit.test_provider_host import NEW, ONE, inputs, says


@pytest.mark.parametrize(
    ("stdout", "status", "outcome"),
    [
        ("", "Success", "no-answer"),
        ("hello\n", "Success", "no-answer"),
        ('{"slipway": 1, "service": "other", "outcome": "running"}', "Success", "no-answer"),
        (says("running", NEW) + "\nlater words\n", "Success", "no-answer"),
        (says("running", NEW), "Failed", "failed"),
        (says("running", NEW) + "\n\n", "Success", "running"),
        ("[1]", "Failed", "no-answer"),
    ],
)
def test_only_the_last_line_about_this_service_and_a_success_count(
    stdout: str, status: str, outcome: str
) -> None:
    done = Invocation(instance=ONE, status=status, code=0, stdout=stdout)
    assert verdict(done, "shop").outcome == outcome


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("instances", [], "no host"),
        ("instances", ["web-1"], "is not an instance id"),
        ("instances", [f"i-{n:017x}" for n in range(1001)], "at most 1000"),
        ("service", "a;reboot", "is not a service"),
        ("service", "x" * 32, "is not a service"),
        ("kind", "daemon", "service, job"),
        ("digest", "latest", "is not a digest"),
        ("image", "r/x:latest", "hosts run digests, never tags"),
        ("bundle_sha256", "zz", "64 hexadecimal digits"),
        ("version", "", "version is missing"),
        ("timeout", -1, "whole seconds"),
        ("release", 1, "not a version"),
        ("again", "yes", "neither true nor false"),
    ],
)
def test_bad_inputs_are_named_with_what_is_allowed(name: str, value: Any, said: str) -> None:
    wrong = check(inputs(**{name: value}))
    assert list(wrong) == [name]
    assert said in wrong[name]


def test_unknown_inputs_are_not_judged() -> None:
    unknown = dict.fromkeys(("instances", "image", "digest", "document_hash", "version"), UNKNOWN)
    assert check(inputs(**unknown)) == {}


def test_only_finite_numbers_of_a_host_s_times_count() -> None:
    times = {"pull": 1.5, "bad": "x", "\x1b[2J": 2, "nan": float("nan")}
    line = says("running", NEW, seconds=times)
    done = Invocation(instance=ONE, status="Success", code=0, stdout=line)
    assert verdict(done, "shop").seconds == {"pull": 1.5, "[2J": 2.0}
    assert verdict(replace(done, stdout=says("running", NEW, seconds=[1])), "shop").seconds == {}
