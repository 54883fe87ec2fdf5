"""A monorepo whose stack has one service on the node, deployed by the real engine."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from localcloud.kubernetes.node import Node
from tests.estate import Estate, Ran
from tests.localcloud.ecs_estate import within

SERVICE = "book-shop"
APP = "services/book-shop/app.py"
KINDS = (
    "configmaps,secrets,serviceaccounts,services,ingresses,networkpolicies,hpa,pdb,"
    "deployments,cronjobs,jobs"
)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """The stack, and what the cluster has of it."""

    estate: Estate
    node: Node
    folder: Path
    """The slipway folder."""
    stack: str
    """Its namespace too."""
    port: int

    def up(self, *words: str) -> Ran:
        return self.estate.up(*words, stack=self.stack, cwd=self.folder)

    def preview(self, *words: str) -> Ran:
        return self.estate.preview(*words, stack=self.stack, cwd=self.folder)

    def slipway(self, *words: str) -> Ran:
        """A command of ours."""
        return self.estate.run(".venv/bin/python", "-m", "cli.app", *words, cwd=self.folder)

    def service(self, name: str = SERVICE) -> dict[str, Any]:
        """The stack's output about a service."""
        words = ("stack", "output", "--json", "--stack", self.stack)
        text = self.estate.pulumi(*words, cwd=self.folder).ok()
        found: dict[str, Any] = json.loads(text)["services"][name]
        return found

    def state(self) -> str:
        return self.estate.pulumi("stack", "export", "--stack", self.stack, cwd=self.folder).ok()

    def kubectl(self, *words: str) -> str:
        return self.node.kubectl("--namespace", self.stack, *words)

    def images(self) -> set[str]:
        """The digests that the pods that are not told to end really run."""
        pods = json.loads(self.kubectl("get", "pods", "--output=json"))["items"]
        return {
            each["status"]["containerStatuses"][0]["imageID"].rpartition("@")[2]
            for each in pods
            if not each["metadata"].get("deletionTimestamp")
        }

    def asked(self) -> set[str]:
        """The images that pods are told to run: two while versions change."""
        return set(
            self.kubectl("get", "pods", "--output=jsonpath={..spec.containers[*].image}").split()
        )

    def objects(self) -> dict[str, str]:
        """Every object of the namespace that is no pod: a write makes another generation of it, or
        another resourceVersion where it has no states that change by themselves."""
        listed = json.loads(self.kubectl("get", KINDS, "--output=json"))["items"]
        place = json.loads(self.node.kubectl("get", "namespace", self.stack, "--output=json"))
        return {
            f"{each['kind']}/{each['metadata']['name']}": str(
                each["metadata"].get("generation") or each["metadata"]["resourceVersion"]
            )
            for each in (*listed, place)
        }

    def replicas(self) -> int:
        """How many pods the deployment asks for."""
        return int(
            self.kubectl("get", f"deployment/{SERVICE}", "--output=jsonpath={.spec.replicas}")
        )

    def build(self) -> dict[str, Any]:
        """The section of the stack file."""
        text = (self.folder / f"Pulumi.{self.stack}.yaml").read_text()
        found: dict[str, Any] = yaml.safe_load(text)["config"]["slipway:build"]
        return found

    def answer(self, path: str = "/", within: float = 20, **wanted: str) -> dict[str, Any]:
        """What the service answers at the node's port, once that has what is wanted."""
        deadline = time.monotonic() + within
        while True:
            try:
                url = f"http://{self.node.address}:{self.port}{path}"
                with urllib.request.urlopen(url, timeout=2) as said:
                    document: dict[str, Any] = json.loads(said.read())
                    if wanted.items() <= document.items():
                        return document
            except (urllib.error.URLError, OSError):
                pass
            # The cluster's proxy learns of pods within a second, and old ones settle for a while.
            assert time.monotonic() < deadline, f"{url} does not answer {wanted}"
            time.sleep(0.1)

    @contextmanager
    def configured(self, service: Mapping[str, Any] | None = None, **config: Any) -> Iterator[None]:
        """The stack file with other keys of the service, or of the stack (None: removed)."""
        file = self.folder / f"Pulumi.{self.stack}.yaml"
        text = file.read_text()
        document = yaml.safe_load(text)
        for key, value in config.items():
            document["config"].pop(f"slipway:{key}", None)
            if value is not None:
                document["config"][f"slipway:{key}"] = value
        for key, value in (service or {}).items():
            document["config"]["slipway:services"][SERVICE].pop(key, None)
            if value is not None:
                document["config"]["slipway:services"][SERVICE][key] = value
        file.write_text(yaml.safe_dump(document))
        try:
            yield
        finally:
            file.write_text(text)


WRITTEN = frozenset(
    {
        *("configmaps", "deployments", "horizontalpodautoscalers", "ingresses", "jobs"),
        *("namespaces", "networkpolicies", "poddisruptionbudgets", "secrets"),
        *("serviceaccounts", "services"),
    }
)


def wait_for_ended_namespaces(node: Node, seconds: float = 90) -> None:
    """Until the cluster has ended all namespaces that were deleted."""

    def listed() -> str:
        return node.kubectl("get", "namespaces", "--no-headers")

    within(seconds, "the end of namespaces", lambda: "Terminating" not in listed(), listed)


def writes(node: Node) -> int:
    """How many writes of what a stack consists of the API server was asked for so far.

    Also those that change nothing; without dry runs, and without what the cluster notes of states.
    A namespace that another test has left is awaited: the cluster deletes what is in it meanwhile.
    """
    wait_for_ended_namespaces(node)
    counted = 0
    for line in node.kubectl("get", "--raw", "/metrics").splitlines():
        if not line.startswith("apiserver_request_total{"):
            continue
        head, _, number = line.rpartition(" ")
        words = dict(re.findall(r'(\w+)="([^"]*)"', head))
        asked = words["verb"] in ("APPLY", "DELETE", "PATCH", "POST", "PUT")
        own = words["resource"] in WRITTEN and not words["subresource"]
        counted += int(float(number)) if asked and own and not words["dry_run"] else 0
    return counted
