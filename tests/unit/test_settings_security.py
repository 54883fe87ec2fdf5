"""The keys of the stack file that close something."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.settings import Settings, read_settings

KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d"


def settings(**own: Any) -> Settings:
    config = {"aws:region": "eu-west-1", "slipway:bundles": '{"bucket": "acme-deploys"}'}
    return read_settings(
        "slipway", "dev", config | {f"slipway:{key}": json.dumps(each) for key, each in own.items()}
    )


def test_nothing_that_costs_is_on_by_default() -> None:
    read = settings(services={"notifier": {"target": "lambda"}})

    assert (read.logs.key, read.ecs.insights) == (None, False)
    assert read.services["notifier"].model_dump()["tracing"] is False
    assert read.services["notifier"].model_dump()["concurrency"] is None


def test_sessions_are_owned_by_the_stack_that_asks_for_them_and_kept_a_year() -> None:
    host = settings(host={"create": True, "sessions": {}}).host

    assert host is not None
    assert host.sessions is not None
    assert (host.sessions.create, host.sessions.retention_days) == (True, 365)


@pytest.mark.parametrize(
    ("own", "key"),
    [
        ({"logs": {"key": "alias/mine"}}, "logs.key"),
        ({"logs": {"key": f"{KEY}*"}}, "logs.key"),
        ({"host": {"create": True, "sessions": {"key": "*"}}}, "host.sessions.key"),
        ({"host": {"create": True, "sessions": {"retention_days": 2}}}, "retention_days"),
        ({"ecs": {"insight": True}}, "ecs.insight"),
        ({"services": {"f": {"target": "lambda", "concurrency": 0}}}, "concurrency"),
    ],
)
def test_what_aws_would_not_take_is_refused_by_its_key(own: dict[str, Any], key: str) -> None:
    with pytest.raises(ValueError, match=key):
        settings(**own)
