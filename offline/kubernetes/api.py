"""The API of one cluster, for any kind that it knows, by plain HTTP.

Loading the official client takes longer than most updates, and server-side apply needs none of it.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter

from offline.plugin.wire import State

from .errors import ApiError, NoKindError, UnreachableError
from .kubeconfig import Access, tls_of

_TIMEOUT = (3.05, 60)  # seconds to connect, seconds to wait for bytes
_APPLY = "application/apply-patch+yaml"
_JSON_PATCH = "application/json-patch+json"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind as the API serves it."""

    api_version: str
    """Such as apps/v1; v1 of the core."""
    name: str
    """Such as Deployment."""
    plural: str
    """In paths, such as deployments."""
    namespaced: bool
    """Whether its objects are in a namespace."""


@dataclass(frozen=True, kw_only=True)
class Write:
    """How an object is written."""

    manager: str
    """The field manager."""
    dry_run: bool = False
    """Whether all is checked and nothing kept."""
    force: bool = False
    """Whether fields of other managers are taken."""

    @property
    def parameters(self) -> dict[str, str]:
        """Of the request: unknown fields are refused."""
        dry = {"dryRun": "All"} if self.dry_run else {}
        return {"fieldManager": self.manager, "fieldValidation": "Strict", **dry}


class _Adapter(HTTPAdapter):
    """Connections of one TLS context."""

    def __init__(self, access: Access) -> None:
        self._context = tls_of(access)
        super().__init__(pool_maxsize=16)

    def init_poolmanager(self, *words: Any, **options: Any) -> Any:
        """With our context."""
        return super().init_poolmanager(*words, **options, ssl_context=self._context)

    def cert_verify(self, *words: Any, **options: Any) -> None:
        """The context verifies, or not, as the kubeconfig says."""


class Api:
    """One cluster; safe in threads."""

    def __init__(self, access: Access) -> None:
        """Asks nothing yet. Raises ConfigurationError for certificates that are none."""
        self.access = access
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy for the internet does not lead to a cluster
        self._session.mount("https://", _Adapter(access))
        if access.token:
            self._session.headers["Authorization"] = f"Bearer {access.token}"
        self._kinds: dict[str, dict[str, Kind]] = {}
        self._lock = threading.Lock()

    def kind(self, api_version: str, name: str) -> Kind:
        """Raises NoKindError if the API has none. It is asked once an apiVersion."""
        with self._lock:
            if name not in self._kinds.get(api_version, {}):
                self._kinds[api_version] = self._discovered(api_version)
            found = self._kinds[api_version].get(name)
        if found is None:
            known = ", ".join(sorted(self._kinds[api_version])) or "none"
            raise NoKindError(
                f"{self.access.server} has no kind {name} of {api_version} (it has: {known}); "
                "is its CustomResourceDefinition made?"
            )
        return found

    def get(self, kind: Kind, namespace: str, name: str) -> State | None:
        """One object, None if there is none."""
        try:
            return self._ask("GET", _path(kind, namespace, name))
        except ApiError as error:
            if error.names(name):
                return None
            raise

    def listed(self, kind: Kind, namespace: str, **parameters: str) -> list[State]:
        """Objects, chosen by labelSelector or fieldSelector."""
        found = self._ask("GET", _path(kind, namespace), params=parameters)
        return list(found.get("items") or [])

    def create(self, kind: Kind, namespace: str, body: State, write: Write) -> State:
        """A new object; one that is there already is refused."""
        path = _path(kind, namespace)
        return self._ask("POST", path, params=write.parameters, data=json.dumps(body))

    def apply(self, kind: Kind, namespace: str, body: State, write: Write) -> State:
        """What the manager wants of an object, which is made if there is none."""
        parameters = {**write.parameters, "force": str(write.force).lower()}
        path = _path(kind, namespace, str(body["metadata"]["name"]))
        headers = {"Content-Type": _APPLY}
        return self._ask("PATCH", path, params=parameters, data=json.dumps(body), headers=headers)

    def patch(self, kind: Kind, namespace: str, name: str, changes: list[State]) -> State:
        """Single changes, by JSON patch."""
        headers = {"Content-Type": _JSON_PATCH}
        path = _path(kind, namespace, name)
        return self._ask("PATCH", path, data=json.dumps(changes), headers=headers)

    def delete(self, kind: Kind, namespace: str, name: str, propagation: str) -> None:
        """Asks for the end of an object; one that is gone is fine."""
        body = json.dumps({"propagationPolicy": propagation})
        try:
            self._ask("DELETE", _path(kind, namespace, name), data=body)
        except ApiError as error:
            if not error.names(name):
                raise

    def _discovered(self, api_version: str) -> dict[str, Kind]:
        try:
            told = self._ask("GET", _root(api_version))
        except ApiError as error:
            if error.code == 404 and self._serves_no(api_version):
                return {}
            raise
        return {
            each["kind"]: Kind(
                api_version=api_version,
                name=each["kind"],
                plural=each["name"],
                namespaced=each["namespaced"],
            )
            for each in told.get("resources") or []
            if "/" not in each["name"]
        }

    def _serves_no(self, api_version: str) -> bool:
        """Whether the API says so itself: a 404 alone may be of something before it."""
        told = self._ask("GET", "apis")
        groups = told.get("groups") if told.get("kind") == "APIGroupList" else None
        served = [each["groupVersion"] for group in groups or [] for each in group["versions"]]
        return groups is not None and api_version not in served

    def _ask(
        self, method: Literal["GET", "POST", "PATCH", "DELETE"], path: str, **options: Any
    ) -> State:
        options["headers"] = {"Content-Type": "application/json", **(options.get("headers") or {})}
        try:
            answer = self._session.request(
                method, f"{self.access.server}/{path}", timeout=_TIMEOUT, **options
            )
        except (requests.RequestException, OSError) as error:
            raise UnreachableError(self.access.name, self.access.server, error) from None
        return _told(self.access.server, answer)


def _told(server: str, answer: requests.Response) -> State:
    try:
        told = answer.json()
    except ValueError:
        told = None
    document: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    if not answer.ok or told is not document:
        raise ApiError(server, answer.status_code, document, answer.reason)
    return dict(document)


def _root(api_version: str) -> str:
    return f"apis/{api_version}" if "/" in api_version else f"api/{api_version}"


def _path(kind: Kind, namespace: str, name: str = "") -> str:
    place = f"/namespaces/{quote(namespace, safe='')}" if kind.namespaced and namespace else ""
    end = f"/{quote(name, safe='')}" if name else ""
    return f"{_root(kind.api_version)}{place}/{kind.plural}{end}"
