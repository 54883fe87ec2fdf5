"""The inputs of `KubernetesRollout`, checked and typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provider import rollout_inputs
from provider.resource import Properties
from provider.wire import is_known

_TEXTS = ("kubeconfig", "namespace", "manifests")


@dataclass(frozen=True, kw_only=True)
class KubernetesInputs:
    """One rollout as its resource asks for it; every value is known."""

    service: str
    image: str
    digest: str
    release: str | None
    timeout: int
    policy: str
    again: bool
    kubeconfig: str = field(repr=False)
    namespace: str
    manifests: tuple[dict[str, Any], ...]
    """What is switched: variables, if there are any, and last the deployment or the cron job."""
    before: dict[str, Any] | None
    """The task that must succeed before; its name is completed at each rollout."""
    owner: str
    """The uid of the service account that owns all of it; empty: nothing does."""
    login: bool
    """Whether pods pull with a login of private ECR."""
    secret: str
    """Name of the secret with the variables of `references`."""
    references: Mapping[str, str]
    """Variables by where their values lie."""

    @property
    def workload(self) -> dict[str, Any]:
        """The deployment or the cron job."""
        return self.manifests[-1]

    @property
    def scheduled(self) -> bool:
        """Whether it runs by the clock."""
        return bool(self.workload["kind"] == "CronJob")

    def owned(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """An object that goes away with the service's account."""
        if not self.owner:
            return dict(document)
        owner = {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "name": self.service,
            "uid": self.owner,
        }
        return {**document, "metadata": {**document["metadata"], "ownerReferences": [owner]}}

    @staticmethod
    def of(values: Properties) -> KubernetesInputs:
        """From checked inputs."""
        before = values.get("before")
        return KubernetesInputs(
            **{name: str(values[name]) for name in ("service", "image", "digest")},
            kubeconfig=str(values["kubeconfig"]),
            namespace=str(values["namespace"]),
            manifests=tuple(json.loads(str(values["manifests"]))),
            before=json.loads(str(before)) if before else None,
            owner=str(values.get("owner") or ""),
            login=bool(values.get("login", False)),
            secret=str(values.get("secret") or ""),
            references=dict(values.get("references") or {}),
            release=values.get("release"),
            timeout=int(values.get("timeout", 120)),
            policy=str(values.get("policy", "independent")),
            again=bool(values.get("again", False)),
        )


def check(values: Properties) -> dict[str, str]:
    """What is wrong with the inputs, by property; unknown values are not judged."""
    wrong = rollout_inputs.check(values, _TEXTS, "a cluster runs")
    manifests = values.get("manifests")
    if "manifests" not in wrong and is_known(manifests):
        try:
            kinds = [each["kind"] for each in json.loads(str(manifests))]
        except (ValueError, TypeError, KeyError):
            kinds = []
        if not kinds or kinds[-1] not in ("Deployment", "CronJob"):
            wrong["manifests"] = (
                f"the manifests are {', '.join(map(str, kinds)) or 'no list of objects'}; allowed: "
                "a JSON list of objects, the last one a Deployment or a CronJob"
            )
    return wrong
