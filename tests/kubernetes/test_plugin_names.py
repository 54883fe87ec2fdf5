"""What the SDK of pulumi_kubernetes calls a property is what the running API calls it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from localcloud.kubernetes.node import Node
from tests.offline_kubernetes_sdk import args_of, fields_of

KINDS = [
    *("core/v1:Namespace", "core/v1:ServiceAccount", "core/v1:Service", "core/v1:ConfigMap"),
    *("core/v1:Secret", "core/v1:ResourceQuota", "networking.k8s.io/v1:Ingress"),
    *("networking.k8s.io/v1:NetworkPolicy", "autoscaling/v2:HorizontalPodAutoscaler"),
    *("policy/v1:PodDisruptionBudget", "apps/v1:Deployment", "batch/v1:Job", "batch/v1:CronJob"),
]
# Kubernetes had them once, or will have them in a later version than the node's.
OTHER_VERSIONS = {
    *("metadata.clusterName", "spec.ipFamily", "spec.topologyKeys", "resourceClaims.source"),
    *("spec.scheduling", "spec.evictionResponders", "spec.workloadRef", "grpc.mode"),
    *("httpGet.protocol", "volumeMounts.bindMountOptions", "items.user", "emptyDir.mode"),
    *("clusterTrustBundle.user", "podCertificate.user", "serviceAccountToken.user"),
    *(f"{volume}.defaultUser" for volume in ("configMap", "downwardAPI", "projected", "secret")),
    "ephemeral.readOnly",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_of_the_sdk_is_one_of_the_api(node: Node, kind: str) -> None:
    place, name = kind.split(":")
    api_version = place.removeprefix("core/")
    root = "apis/" + api_version if "/" in api_version else "api/" + api_version
    schemas = json.loads(node.kubectl("get", "--raw", f"/openapi/v3/{root}"))
    schemas = schemas["components"]["schemas"]
    group, _, version = api_version.rpartition("/")
    wanted = {"group": group, "version": version, "kind": name}
    schema = next(
        each
        for each in schemas.values()
        if wanted in each.get("x-kubernetes-group-version-kind", [])
    )
    wrong = unknown(kind, args_of(f"kubernetes:{kind}"), schema, schemas, ())
    assert {".".join(path.split(":")[1].split(".")[-2:]) for path in wrong} <= OTHER_VERSIONS


def unknown(
    at: str,
    args: Any,
    schema: Mapping[str, Any],
    schemas: Mapping[str, Any],
    above: tuple[Any, ...],
) -> list[str]:
    """Properties of the SDK that the API has not, by their paths."""
    wrong = []
    for name, inner in fields_of(args).items():
        below = schema.get("properties", {}).get(name)
        if below is None:
            wrong.append(f"{at}.{name}")
        elif inner is not None and inner not in above:
            wrong += unknown(
                f"{at}.{name}", inner, resolved(below, schemas), schemas, (*above, inner)
            )
    return wrong


def resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that is meant: behind lists, maps and references."""
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            return resolved(schema[key], schemas)
    for each in schema.get("allOf", []):
        return resolved(each, schemas)
    reference = schema.get("$ref")
    return schemas[reference.rpartition("/")[2]] if reference else schema
