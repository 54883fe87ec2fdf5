"""The stacks whose resources are checked, recorded as the engine would get them."""

from __future__ import annotations

import json
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import DEFAULT, patch

import yaml

from infra.kubernetes_cluster import FoundCluster
from infra.program import deploy
from infra.promotion import Promotion
from infra.settings import Settings, read_settings
from infra.stack_file import read_stack_file
from infra.wishes import Wishes
from tests.engine import build
from tests.fakes.bucket import FakeS3
from tests.policy.resources import Resource, Resources

PROJECT = Path(__file__).resolve().parents[2]
STACKS = ("dev", "prod", "full", "hardened")
"""The two that are shipped; prod with a service of each kind, as it is by default; and the same
with every option that closes something."""

# What a deploy asks of the world before it registers anything: the guards have their own tests.
_UNASKED = ("check_account", "check_protected", "promotion_of", "TagBases")
_KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d"
_CLUSTER = FoundCluster(
    kubeconfig="none is asked", id="7", node="10.0.0.7", namespace="prod", secrets={}
)
_CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d"


def stack_file(stack: str) -> dict[str, Any]:
    """The configuration of `full` or `hardened`: Pulumi.prod.yaml, and more."""
    document = yaml.safe_load((PROJECT / "Pulumi.prod.yaml").read_text())
    hardened = stack == "hardened"
    config: dict[str, Any] = document["config"]
    return config | {
        "slipway:registry": {"kind": "ecr", "repository": "{image}", "create": True}
        | ({"kms_key": _KEY} if hardened else {}),
        "slipway:host": {"create": True, "open_to": ["10.0.0.0/8"], "sessions": {}}
        | ({"subnet": "subnet-0a", "sessions": {"key": _KEY}} if hardened else {}),
        "slipway:bundles": {"bucket": "acme-deploys-prod", "create": True}
        | ({"kms_key": _KEY, "access_log": "acme-access-logs"} if hardened else {}),
        "slipway:ci": {"repository": "acme/monorepo", "environment": "production"},
        "slipway:ecs": {"insights": hardened},
        "slipway:logs": {"key": _KEY} if hardened else {},
        "slipway:kubernetes": {"delivery": "api", "kubeconfig": "none"},
        "slipway:services": _services(hardened=hardened),
    }


def _services(*, hardened: bool) -> dict[str, Any]:
    private = {"subnets": ["subnet-0a", "subnet-0b"]} if hardened else {}
    certificate = {"certificate": _CERTIFICATE} if hardened else {}
    return {
        "book-shop": {"target": "host", "port": 8000, "publish": 8080, "health": "/healthz"},
        "backend": {
            "target": "ecs",
            "port": 3000,
            "health": "/healthz",
            "balancer": {"public": True, **certificate},
            "secrets": {"DB_PASSWORD": "parameter:/backend/db"},
            **private,
        },
        "report": {"target": "ecs", "image": "atta", "schedule": "rate(1 day)", **private},
        "web": {
            "target": "microk8s",
            "image": "book-shop",
            "port": 8000,
            "host": "shop.example.com",
            "environment": {"MODE": "fast"},
            "secrets": {"KEY": "secret:web/key"},
            "before": ["python3", "migrate.py"],
            **({"tls_secret": "shop-tls"} if hardened else {}),
        },
        "sweep": {"target": "microk8s", "image": "atta", "schedule": "0 3 * * *"},
        "notifier": {
            "target": "lambda",
            "url": True if hardened else "public",
            "secrets": {"KEY": "secret:notifier/key"},
            **({"concurrency": 10, "tracing": True} if hardened else {}),
        },
    }


@cache
def recorded(stack: str) -> Resources:
    """All resources that a stack registers; its lookups are answered by mocks."""
    settings = _settings(stack)
    with ExitStack() as unasked:
        bucket = FakeS3()
        unasked.enter_context(patch("clients.object_store.client", return_value=bucket))
        for name in _UNASKED:
            answer = Promotion(origins={}) if name == "promotion_of" else DEFAULT
            unasked.enter_context(patch(f"infra.program.{name}", return_value=answer))
        found = patch("infra.ground.find_cluster", return_value=_CLUSTER)
        unasked.enter_context(found)
        recording = build(lambda: deploy(settings, Wishes()))
    return tuple(Resource.recorded(each) for each in recording.resources if each.custom)


def _settings(stack: str) -> Settings:
    if stack in ("dev", "prod"):
        settings = read_stack_file(stack)
    else:
        config = stack_file(stack).items()
        texts = {key: each if isinstance(each, str) else json.dumps(each) for key, each in config}
        settings = read_settings("slipway", "prod", texts)
    return settings.model_copy(update={"version": "v1.2.0"}) if settings.protected else settings
