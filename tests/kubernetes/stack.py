"""A Pulumi program with objects of a cluster, run by the real engine and the offline plugin."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.kubernetes.node import Node
from tests.estate import PROJECT, Ran

STACK = "one"
SURROUNDINGS = """
import json
from pathlib import Path
import pulumi
import pulumi_kubernetes as k8s

knobs = json.loads(Path("knobs.json").read_text())
namespace = knobs["namespace"]
labels = {"app.kubernetes.io/name": "shop"}
by = pulumi.ResourceOptions
provider = k8s.Provider("cluster", kubeconfig=pulumi.Output.secret(knobs["kubeconfig"]),
                        cluster_identifier=knobs.get("cluster", "this"),
                        enable_patch_force=knobs.get("force") or knobs.get("upsert"),
                        upsert_existing_objects=knobs.get("upsert"))
within = by(provider=provider)

def at(name, **more):
    return k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace, labels=labels, **more)

ALONE = {"pulumi.com/skipAwait": "true"}
"""
WHOLE = """
place = k8s.core.v1.Namespace("place", metadata={"name": namespace}, opts=within)
within = by(provider=provider, depends_on=[place])
account = k8s.core.v1.ServiceAccount(
    "account", metadata=at("shop"), automount_service_account_token=False, opts=within)
settings = k8s.core.v1.ConfigMap(
    "settings", metadata=at("shop"), data={"MODE": knobs.get("mode", "calm")}, opts=within)
named = k8s.core.v1.ConfigMap(
    "named", metadata={"namespace": namespace}, data={"MODE": knobs.get("mode", "calm")},
    opts=within)
login = k8s.core.v1.Secret(
    "login", metadata=at("registry"), type="kubernetes.io/dockerconfigjson",
    string_data={".dockerconfigjson": knobs["login"]}, opts=within)
service = k8s.core.v1.Service("service", metadata=at("shop"), spec={
    "selector": labels, "ports": [{"port": knobs.get("port", 80), "target_port": 8000}]},
    opts=within)
door = k8s.networking.v1.Ingress("door", metadata=at("shop", annotations=ALONE), spec={
    "rules": [{"host": "shop.example.com", "http": {"paths": [{"path": "/", "path_type": "Prefix",
        "backend": {"service": {"name": "shop", "port": {"number": 80}}}}]}}]}, opts=within)
fence = k8s.networking.v1.NetworkPolicy("fence", metadata=at("shop"), spec={
    "pod_selector": {"match_labels": labels}, "policy_types": ["Ingress"],
    "ingress": [{"ports": [{"port": 8000}]}]}, opts=within)
scale = k8s.autoscaling.v2.HorizontalPodAutoscaler("scale", metadata=at("shop"), spec={
    "scale_target_ref": {"api_version": "apps/v1", "kind": "Deployment", "name": "shop"},
    "min_replicas": 1, "max_replicas": knobs.get("most", 2)}, opts=within)
budget = k8s.policy.v1.PodDisruptionBudget("budget", metadata=at("shop"), spec={
    "max_unavailable": 1, "selector": {"match_labels": labels}}, opts=within)
pod = {"service_account_name": "shop", "image_pull_secrets": [{"name": "registry"}],
    "termination_grace_period_seconds": 1,
    "containers": [{"name": "shop", "image": knobs["image"], "ports": [{"container_port": 8000}],
        "resources": {"requests": {"cpu": "0.01", "memory": "16Mi"}},
        "readiness_probe": {"http_get": {"path": "/", "port": 8000}, "period_seconds": 1}}]}
shop = k8s.apps.v1.Deployment("shop", metadata=at("shop"), spec={
    "selector": {"match_labels": labels}, "progress_deadline_seconds": knobs.get("patience", 60),
    "template": {"metadata": {"labels": {**labels, **knobs.get("more", {})}}, "spec": pod}},
    opts=by(provider=provider, depends_on=[account, login]))
task = k8s.batch.v1.Job("task", metadata=at("task"), spec={"backoff_limit": 0, "template": {
    "metadata": {"labels": {"app.kubernetes.io/name": "task"}},
    "spec": {"restart_policy": "Never", "image_pull_secrets": [{"name": "registry"}],
        "containers": [{"name": "task", "image": knobs["image"],
            "command": ["python3", "-c", knobs.get("task", "print('done')")]}]}}},
    opts=by(provider=provider, depends_on=[login]))
pulumi.export("address", service.spec.cluster_ip)
pulumi.export("owner", account.metadata.uid)
pulumi.export("named", named.metadata.name)
"""


@dataclass
class Program:
    """One stack of it, in a namespace of its own."""

    folder: Path
    node: Node
    namespace: str
    knobs: dict[str, Any]

    @classmethod
    def laid(cls, folder: Path, node: Node, namespace: str, text: str, **knobs: Any) -> Program:
        """Its files and an empty stack."""
        venv = (
            f"name: objects\nruntime: {{name: python, options: {{virtualenv: {PROJECT}/.venv}}}}\n"
        )
        (folder / "Pulumi.yaml").write_text(venv)
        (folder / "__main__.py").write_text(SURROUNDINGS + text)
        (folder / "backend").mkdir()
        chosen = {"namespace": namespace, "kubeconfig": node.kubeconfig, **knobs}
        made = cls(folder, node, namespace, chosen)
        made.pulumi("stack", "init", STACK).ok()
        return made

    def pulumi(self, *words: str, **changed: Any) -> Ran:
        """Runs pulumi with the knobs turned."""
        self.knobs |= changed
        (self.folder / "knobs.json").write_text(json.dumps(self.knobs))
        environment = {
            **os.environ,
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'backend'}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "SLIPWAY_PROJECT": str(PROJECT),
        }
        environment.pop("KUBECONFIG", None)
        done = subprocess.run(
            ["pulumi", *words, "--color=never"],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        return Ran(code=done.returncode, text=done.stdout + done.stderr)

    def up(self, *words: str, **changed: Any) -> Ran:
        return self.pulumi("up", "--yes", "--skip-preview", "--diff", *words, **changed)

    def preview(self, *words: str, **changed: Any) -> Ran:
        return self.pulumi("preview", "--diff", *words, **changed)

    def destroy(self) -> Ran:
        return self.pulumi("destroy", "--yes", "--skip-preview")

    def outputs(self) -> Mapping[str, Any]:
        found: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json").ok())
        return found

    def state(self) -> str:
        return self.pulumi("stack", "export").ok()

    def kubectl(self, *words: str) -> str:
        return self.node.kubectl("--namespace", self.namespace, *words)

    def versions(self) -> dict[str, str]:
        """The resourceVersion of every object of the program: each write makes a new one."""
        kinds = "namespaces,configmaps,secrets,services,ingresses,networkpolicies,hpa,pdb"
        listed = self.kubectl(
            *("get", f"{kinds},serviceaccounts,deployments,jobs"),
            *("--output=json", "--field-selector=metadata.name!=kube-root-ca.crt"),
        )
        return {
            f"{each['kind']}/{each['metadata']['name']}": each["metadata"]["resourceVersion"]
            for each in json.loads(listed)["items"]
            if self.namespace in (each["metadata"].get("namespace"), each["metadata"]["name"])
        }
