"""Checks of pods and what is around them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.policy.check import Check, Reason, beside, on_each
from tests.policy.resources import Loosening, Resource, put, rewritten

ROLLOUT = "rollout:index:KubernetesRollout"
NAMESPACE = "kubernetes:core/v1:Namespace"
ACCOUNT = "kubernetes:core/v1:ServiceAccount"
SERVICE = "kubernetes:core/v1:Service"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
NETWORK = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
LEVEL = "pod-security.kubernetes.io/enforce"
Document = dict[str, Any]


def _template(manifests: list[Document]) -> Document:
    spec = manifests[-1]["spec"]
    found: Document = spec.get("jobTemplate", {}).get("spec", spec)["template"]["spec"]
    return found


def _templates(rollout: Resource) -> list[Document]:
    """The pods of a rollout, and of the task before it."""
    before = [json.loads(rollout.get("before"))] if rollout.get("before") else []
    return [_template(each) for each in (json.loads(rollout.get("manifests")), before) if each]


def _pod(
    ids: str,
    title: str,
    holds: Callable[[Document, Document], bool],
    loosen: Callable[[Document, Document], object],
    among: Callable[[Resource], bool] = lambda one: True,
) -> Check:
    """A demand on every pod: `holds` and `loosen` get its specification and its container."""

    def changed(manifests: list[Document]) -> None:
        spec = _template(manifests)
        loosen(spec, spec["containers"][0])

    return on_each(
        ROLLOUT,
        ids=ids,
        title=title,
        holds=lambda one: all(holds(spec, spec["containers"][0]) for spec in _templates(one)),
        loosened=rewritten(ROLLOUT, "manifests", changed),
        among=among,
    )


def _unlimited(spec: Document, container: Document) -> None:
    del container["resources"]["limits"]["memory"]


def _serves(one: Resource) -> bool:
    return '"kind": "Deployment"' in str(one.get("manifests")) and '"ports"' in str(
        one.get("manifests")
    )


def _unlabelled() -> Loosening:
    return put(NAMESPACE, "metadata.labels", {})


CHECKS: tuple[Check, ...] = (
    on_each(
        NAMESPACE,
        ids="Pod Security",
        title="a namespace enforces the level `restricted`",
        holds=lambda one: one.get("metadata.labels", {}).get(LEVEL) == "restricted",
        loosened=_unlabelled(),
    ),
    _pod(
        "CKV_K8S_6, CKV_K8S_23, CKV_K8S_40",
        "pods run as a user with a high number, never as root",
        lambda spec, _: (
            spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] > 10000
        ),
        lambda spec, _: spec["securityContext"].update(runAsUser=0),
    ),
    _pod(
        "CKV_K8S_16, CKV_K8S_20, CKV_K8S_28, CKV_K8S_37",
        "containers have no privileges, gain none and keep no capability",
        lambda _, container: (
            not container["securityContext"].get("privileged")
            and container["securityContext"]["allowPrivilegeEscalation"] is False
            and container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        ),
        lambda _, container: container["securityContext"].update(privileged=True),
    ),
    _pod(
        "CKV_K8S_17, CKV_K8S_18, CKV_K8S_19",
        "pods share no processes, memory or network with the node",
        lambda spec, _: not {"hostPID", "hostIPC", "hostNetwork"} & set(spec),
        lambda spec, _: spec.update(hostPID=True),
    ),
    _pod(
        "CKV_K8S_22",
        "the root file system of a container is read-only",
        lambda _, container: container["securityContext"]["readOnlyRootFilesystem"] is True,
        lambda _, container: container["securityContext"].update(readOnlyRootFilesystem=False),
    ),
    _pod(
        "CKV_K8S_31",
        "system calls are filtered by the runtime's profile",
        lambda spec, _: spec["securityContext"].get("seccompProfile") == {"type": "RuntimeDefault"},
        lambda spec, _: spec["securityContext"].pop("seccompProfile"),
    ),
    _pod(
        "CKV_K8S_10, CKV_K8S_12, CKV_K8S_13",
        "containers ask for CPU and memory, and get no more memory than that",
        lambda _, container: (
            {"cpu", "memory"} <= set(container["resources"]["requests"])
            and container["resources"]["limits"].get("memory")
            == container["resources"]["requests"]["memory"]
        ),
        _unlimited,
    ),
    _pod(
        "CKV_K8S_8, CKV_K8S_9",
        "what serves is asked whether it is alive and ready",
        lambda _, container: (
            container.get("command") is not None
            or {"livenessProbe", "readinessProbe"} <= set(container)
        ),
        lambda _, container: container.pop("readinessProbe", None),
        _serves,
    ),
    _pod(
        "CKV_K8S_14, CKV_K8S_43",
        "pods run an image by its digest, never by a tag alone",
        lambda _, container: "@sha256:" in container["image"],
        lambda _, container: container.update(image="example/web:latest"),
    ),
    _pod(
        "CKV_K8S_38",
        "no pod has a token of the cluster",
        lambda spec, _: spec["automountServiceAccountToken"] is False,
        lambda spec, _: spec.update(automountServiceAccountToken=True),
    ),
    _pod(
        "CKV_K8S_41",
        "every service has an account of its own",
        lambda spec, _: spec["serviceAccountName"] != "default",
        lambda spec, _: spec.update(serviceAccountName="default"),
    ),
    on_each(
        ACCOUNT,
        ids="CKV_K8S_21",
        title="nothing is in the namespace `default`",
        holds=lambda one: one.get("metadata.namespace") not in (None, "default"),
        loosened=put(ACCOUNT, "metadata.namespace", "default"),
    ),
    beside(
        SERVICE,
        NETWORK,
        key="metadata.name",
        ids="CKV2_K8S_6",
        title="what can be reached has a network policy that names its port",
        holds=lambda one: bool(one.get("spec.ingress.0.ports")),
        loosened=put(NETWORK, "spec.ingress", [{}]),
    ),
    on_each(
        INGRESS,
        ids="Ingress TLS",
        title="what a name leads to is reached by HTTPS",
        holds=lambda one: bool(one.get("spec.tls")),
        loosened=put(INGRESS, "spec.tls", None),
        accepted="a certificate belongs to a name of one's own; `tls_secret`",
    ),
)

REASONS = (
    Reason(
        ids="CKV_K8S_11",
        title="containers have a limit of CPU",
        reason="it slows a pod down while its node idles; requests share the CPU",
    ),
    Reason(
        ids="CKV_K8S_35",
        title="secrets are files, not variables",
        reason="variables are what every target has; their Secret is its service's alone",
    ),
)
