"""The API of one Kubernetes cluster: read, apply as one field manager, delete, logs.

By plain HTTP: loading the official client's 600 models takes longer than a whole no-op update, and
server-side apply needs none of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter

from clients.kubernetes_config import Cluster, tls_of
from clients.kubernetes_error import KubernetesError, refusal, why
from clients.logs import lines_of
from release.json_document import json_of

__all__ = ["MANAGER", "Document", "Kubernetes", "KubernetesError"]

MANAGER = "slipway"
"""The one field manager of everything that a rollout applies."""
_TIMEOUT = (3.05, 30)  # seconds to connect, seconds to wait for bytes

# Kind: its API, and its name in paths.
_KINDS: Mapping[str, tuple[str, str]] = {
    "ConfigMap": ("api/v1", "configmaps"),
    "CronJob": ("apis/batch/v1", "cronjobs"),
    "Deployment": ("apis/apps/v1", "deployments"),
    "Event": ("api/v1", "events"),
    "Job": ("apis/batch/v1", "jobs"),
    "Namespace": ("api/v1", "namespaces"),
    "Node": ("api/v1", "nodes"),
    "Pod": ("api/v1", "pods"),
    "ReplicaSet": ("apis/apps/v1", "replicasets"),
    "Secret": ("api/v1", "secrets"),
    "ServiceAccount": ("api/v1", "serviceaccounts"),
}

Document = dict[str, Any]


class _Adapter(HTTPAdapter):
    """Connections of one TLS context."""

    def __init__(self, cluster: Cluster) -> None:
        self._context = tls_of(cluster)
        super().__init__(pool_maxsize=16)

    def init_poolmanager(self, *words: Any, **options: Any) -> Any:
        """With our context."""
        return super().init_poolmanager(*words, **options, ssl_context=self._context)


class Kubernetes:
    """One cluster; safe in threads."""

    def __init__(self, cluster: Cluster) -> None:
        """Asks nothing yet. Raises ClientError for certificates that are none."""
        self.cluster = cluster
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy for the internet does not lead to a cluster
        self._session.mount("https://", _Adapter(cluster))
        if cluster.token:
            self._session.headers["Authorization"] = f"Bearer {cluster.token}"

    def get(self, kind: str, namespace: str, name: str) -> Document | None:
        """One object, None if there is none."""
        return self._object("GET", _path(kind, namespace, name), f"reading {kind} {name}")

    def listed(self, kind: str, namespace: str, labels: Mapping[str, str]) -> Sequence[Document]:
        """The objects with all these labels."""
        chosen = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
        found = self._object(
            "GET",
            _path(kind, namespace),
            f"listing {kind}s of {namespace or 'the cluster'}",
            params={"labelSelector": chosen},
        )
        return _items(found)

    def events(self, namespace: str, uid: str) -> Sequence[Document]:
        """What the cluster says of one object, oldest first."""
        found = self._object(
            "GET",
            _path("Event", namespace),
            f"reading events of {namespace}",
            params={"fieldSelector": f"involvedObject.uid={uid}"},
        )
        return sorted(_items(found), key=lambda each: str(each.get("lastTimestamp") or ""))

    def apply(
        self, document: Mapping[str, Any], *, dry_run: bool = False, manager: str = MANAGER
    ) -> Document:
        """Server-side apply as our field manager; the object as it then is, or would be.

        A field of the document that somebody else has set becomes ours again, as a controller's
        does; fields that it does not name are not touched. Raises KubernetesError.
        """
        metadata = document["metadata"]
        kind, name = str(document["kind"]), str(metadata["name"])
        params = {"fieldManager": manager, "fieldValidation": "Strict", "force": "true"}
        if dry_run:
            params["dryRun"] = "All"
        made = self._object(
            "PATCH",
            _path(kind, metadata.get("namespace"), name),
            f"applying {kind} {name}",
            params=params,
            data=json.dumps(document),
            headers={"Content-Type": "application/apply-patch+yaml"},
        )
        if made is None:
            raise KubernetesError(
                f"applying {kind} {name}: {self.cluster.server} has no namespace "
                f"{metadata.get('namespace')}",
                404,
                "NotFound",
            )
        return made

    def delete(self, kind: str, namespace: str, name: str) -> bool:
        """Deletes one object and what belongs to it; whether it was there."""
        body = json.dumps({"propagationPolicy": "Background"})
        what = f"deleting {kind} {name}"
        found = self._object("DELETE", _path(kind, namespace, name), what, data=body)
        return found is not None

    def log(self, namespace: str, pod: str, *, lines: int, previous: bool = False) -> list[str]:
        """The last lines of a pod: of its container, or of its run before this one."""
        path = f"{_path('Pod', namespace, pod)}/log"
        params = {"tailLines": str(lines), "previous": str(previous).lower()}
        with self._explained(f"reading the log of {pod}"):
            answer = self._session.get(self._url(path), params=params, timeout=_TIMEOUT)
        # A container that has not started has no log: 400.
        return _lines(answer)

    def timed_log(
        self, namespace: str, pod: str, *, lines: int | None, since: float | None
    ) -> list[str]:
        """The last lines of a pod, each after its time (RFC 3339); none older than `since`."""
        params = {"timestamps": "true", **({"tailLines": str(lines)} if lines else {})}
        if since is not None:
            params["sinceTime"] = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = f"{_path('Pod', namespace, pod)}/log"
        with self._explained(f"reading the log of {pod}"):
            answer = self._session.get(self._url(path), params=params, timeout=_TIMEOUT)
        return _lines(answer)

    def _object(self, method: str, path: str, what: str, **options: Any) -> Document | None:
        with self._explained(what):
            answer = self._session.request(method, self._url(path), timeout=_TIMEOUT, **options)
        if answer.status_code == 404:
            return None
        if not answer.ok:
            raise refusal(self.cluster, what, answer)
        try:
            document = json_of(answer.content)
        except ValueError as error:
            raise KubernetesError(f"{what}: the answer {error}; is it a cluster's API?") from None
        if not isinstance(document, dict):
            raise KubernetesError(f"{what}: the answer is no object; is it a cluster's API?")
        return document

    def _url(self, path: str) -> str:
        return f"{self.cluster.server}/{path}"

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except requests.RequestException as error:
            raise KubernetesError(
                f"{what}: the API of the cluster {self.cluster.name} at {self.cluster.server} "
                f"{why(error)}"
            ) from None


def _items(found: Document | None) -> list[Document]:
    items = (found or {}).get("items")
    return [each for each in items if isinstance(each, dict)] if isinstance(items, list) else []


def _lines(answer: requests.Response) -> list[str]:
    return lines_of(answer.content.decode("utf-8", "replace")) if answer.ok else []


def _path(kind: str, namespace: str | None, name: str | None = None) -> str:
    api, plural = _KINDS[kind]
    place = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{api}{place}/{plural}" + (f"/{quote(name, safe='')}" if name else "")
