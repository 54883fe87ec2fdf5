"""The bundle's files of one service for a host with MicroK8s: manifests, settings, references."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from components.documents.grammar import check
from components.documents.kubernetes.bundle import surroundings, versioned
from components.documents.kubernetes.configuration import secret_name
from components.documents.kubernetes.namespace import namespace_object
from components.documents.kubernetes.spec import KubernetesServiceSpec
from components.documents.kubernetes.workload import task_before
from components.documents.secret_reference import parse_reference
from components.documents.service import FILES

SCRIPTS = (
    *("kubernetes_deploy.sh", "machine.sh", "container.sh", "cluster.sh", "pods.sh"),
    *("progress.template", "ours.template", "scale.template", "login.service", "login.timer"),
)
"""What a host with MicroK8s runs; other hosts share some of it."""
# The host fills these in: the image that it was sent, and for a task a name that is new each time.
_IMAGE, _TASK = "@image@", "@task@"
_FIRST = ("ServiceAccount",)


def scripts() -> dict[str, str]:
    """By path; they are the same for all services."""
    return {f"deploy/{name}": (FILES / name).read_text() for name in SCRIPTS}


def kubernetes_files(
    service: KubernetesServiceSpec,
    namespace: str,
    *,
    region: str,
    login: bool,
    repository: str | None = None,
) -> dict[str, str]:
    """By path. `login`: its registry wants ECR's login; `repository`: the path of its images.

    Raises `ValueError` for what a host can't do.
    """
    check_host_can(service.secrets)
    around = surroundings(service, namespace)
    *config, workload = versioned(service, namespace, _IMAGE, pull_secret=login)
    before = task_before(service, namespace, _IMAGE, _TASK, pull_secret=login)
    base = [namespace_object(namespace), *(each for each in around if each["kind"] in _FIRST)]
    parts = {
        "base": base,
        "config": config,
        "around": [each for each in around if each["kind"] not in _FIRST],
        "workload": [workload],
        "before": [before] if before else [],
    }
    kinds = [each["kind"] for each in (*around, workload)]
    place = f"deploy/kubernetes/{service.name}"
    files = {f"{place}.{part}.json": _listed(found) for part, found in parts.items() if found}
    if service.secrets:
        files[f"{place}.secrets"] = _references(service)
    settings = {
        "Namespace": namespace,
        "Workload": workload["kind"],
        "Kinds": " ".join(kinds),
        "Scaled": "yes" if service.scale else "no",
        "Region": check("region", region),
        "Login": "ecr" if login else "none",
        "Repository": repository or "",
        "Secret": secret_name(service) if service.secrets else "",
        "Timeout": str(service.timeout),
    }
    lines = "".join(f"{key}={value}\n" for key, value in settings.items())
    return {**files, f"{place}.conf": f"[X-Slipway]\n{lines}"}


def manifests_text(files: Mapping[str, str]) -> str:
    """What of these files a preview shows: the manifests alone, as one text."""
    found = [json.loads(text)["items"] for path, text in files.items() if path.endswith(".json")]
    return json.dumps([each for items in found for each in items], indent=1)


def check_host_can(secrets: Mapping[str, str]) -> None:
    """Raises `ValueError` for a reference that the host's AWS CLI alone can't follow."""
    for variable, text in secrets.items():
        if parse_reference(text).json_key:
            raise ValueError(
                f"secrets.{variable}: one key of a secret's JSON can't be read on the host; with "
                "`kubernetes.delivery: ssm` take parameter:/path or secret:name, each with the "
                "whole value"
            )


def _listed(items: list[dict[str, Any]]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=1) + "\n"


def _references(service: KubernetesServiceSpec) -> str:
    found = {name: parse_reference(text) for name, text in sorted(service.secrets.items())}
    return "".join(f"{name} {each.store} {each.name}\n" for name, each in found.items())
