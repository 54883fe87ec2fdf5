"""What the offline kubernetes plugin knows by name is in the official SDK too."""

from __future__ import annotations

import importlib.metadata

import pulumi_kubernetes
import pytest
from pulumi._types import input_type_py_to_pulumi_names

from offline.kubernetes.catalogue import VERSION
from offline.kubernetes.fixed import EVERYWHERE, FIXED
from offline.kubernetes.objects import kind_of
from offline.kubernetes.settings import KNOWN
from offline.plugin.check import RefusedError
from offline.setup_plugins import plugins
from tests.offline_kubernetes_sdk import args_of, fields_of

KINDS = {("", kind): f"core/v1:{kind}" for group, kind in FIXED if not group} | {
    (group, kind): f"{group}/v1:{kind}" for group, kind in FIXED if group
}


@pytest.mark.parametrize("kind", sorted(FIXED))
def test_every_fixed_property_is_one_of_the_sdk(kind: tuple[str, str]) -> None:
    for path in (*EVERYWHERE, *FIXED[kind]):
        fields = fields_of(args_of(f"kubernetes:{KINDS[kind]}"))
        for name in path.split("."):
            assert name in fields, f"{kind}: {path}"
            fields = fields_of(fields[name]) if fields[name] else {}


def test_the_settings_are_those_of_the_sdk() -> None:
    official = set(input_type_py_to_pulumi_names(pulumi_kubernetes.ProviderArgs).values())
    assert official == KNOWN


def test_the_version_is_the_one_of_the_installed_sdk_and_of_set_up() -> None:
    assert importlib.metadata.version("pulumi_kubernetes") == VERSION
    assert {each.name: each.version for each in plugins()}["kubernetes"] == VERSION


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        (pulumi_kubernetes.core.v1.Service, ("v1", "Service")),
        (pulumi_kubernetes.apps.v1.Deployment, ("apps/v1", "Deployment")),
        (pulumi_kubernetes.networking.v1.Ingress, ("networking.k8s.io/v1", "Ingress")),
        (pulumi_kubernetes.rbac.v1.Role, ("rbac.authorization.k8s.io/v1", "Role")),
    ],
)
def test_a_token_of_the_sdk_says_api_version_and_kind(
    type_: type, expected: tuple[str, str]
) -> None:
    assert kind_of(type_.pulumi_type, {}) == expected  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "token",
    [
        *("kubernetes:core/v1:ConfigMapPatch", "kubernetes:core/v1:ConfigMapList"),
        *("kubernetes:helm.sh/v3:Release", "kubernetes:yaml/v2:ConfigFile"),
    ],
)
def test_what_is_no_single_object_is_refused_with_a_way_out(token: str) -> None:
    with pytest.raises(RefusedError, match="pulumi plugin install resource kubernetes"):
        kind_of(token, {})
