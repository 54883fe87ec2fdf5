"""One service of one cluster: what it has there, and what nobody needs there any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clients.kubernetes import Document, Kubernetes
from provider.kubernetes_inputs import KubernetesInputs
from provider.kubernetes_progress import images_of

_REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True, kw_only=True)
class Place:
    """How to reach it."""

    api: Kubernetes
    namespace: str
    service: str

    @property
    def labels(self) -> dict[str, str]:
        """What its objects are found by."""
        return {"app.kubernetes.io/name": self.service, "app.kubernetes.io/managed-by": "slipway"}

    def workload(self, kind: str = "Deployment") -> Document | None:
        """The deployment or the cron job, None if there is none."""
        return self.api.get(kind, self.namespace, self.service)

    def pods(self, deployment: Mapping[str, Any]) -> Sequence[Document]:
        """The pods of the deployment's newest replica set that were not told to end."""
        sets = self.api.listed("ReplicaSet", self.namespace, self.labels)
        revision = (deployment["metadata"].get("annotations") or {}).get(_REVISION)
        newest = {
            each["metadata"]["uid"]
            for each in sets
            if (each["metadata"].get("annotations") or {}).get(_REVISION) == revision
        }
        pods = self.api.listed("Pod", self.namespace, self.labels)
        return [
            pod
            for pod in pods
            if not pod["metadata"].get("deletionTimestamp")
            and any(o["uid"] in newest for o in pod["metadata"].get("ownerReferences") or [])
        ]

    def running(self) -> dict[str, tuple[str, str]]:
        """By pod: repository@digest as the runtime tells it, and the digest that it was asked for;
        an admission webhook may have made another of the deployment's."""
        deployment = self.workload()
        pods = self.pods(deployment) if deployment else []
        told = {
            str(each["metadata"]["name"]): asked_digest({"spec": {"template": each}})
            for each in pods
        }
        return {name: (found, told[name]) for name, found in images_of(pods).items()}

    def prune(self, wanted: KubernetesInputs) -> list[str]:
        """Deletes variables that neither this version nor one in the history reads."""
        sets = self.api.listed("ReplicaSet", self.namespace, self.labels)
        needed = {name for each in sets for name in _read_by(each)} | _read_by(wanted.workload)
        gone = []
        for kind in ("ConfigMap", "Secret"):
            for each in self.api.listed(kind, self.namespace, self.labels):
                name = str(each["metadata"]["name"])
                if name not in needed:
                    self.api.delete(kind, self.namespace, name)
                    gone.append(f"{kind} {name}")
        return gone


def _read_by(workload: Mapping[str, Any]) -> set[str]:
    spec = workload["spec"]
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    found = set()
    for container in spec["template"]["spec"]["containers"]:
        for source in container.get("envFrom") or []:
            for reference in ("configMapRef", "secretRef"):
                found |= {source[reference]["name"]} if reference in source else set()
    return found


def image_of(workload: Mapping[str, Any]) -> str:
    """What the (only) container of a workload is asked to run."""
    spec = workload["spec"]
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    return str(spec["template"]["spec"]["containers"][0]["image"])


def asked_digest(workload: Mapping[str, Any]) -> str:
    """The digest in it; empty if it names none."""
    return image_of(workload).rpartition("@")[2] if "@" in image_of(workload) else ""
