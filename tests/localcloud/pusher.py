"""A naive registry client of the tests."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import requests
from requests.auth import AuthBase

from tests.localcloud.cloud import Cloud

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"


class Bearer(AuthBase):
    """A token in the place of a login."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True)
class Pusher:
    """A plain registry client for one repository, as naive as can be."""

    cloud: Cloud
    name: str
    login: tuple[str, str] | Bearer
    host: str = ""

    @property
    def registry(self) -> str:
        """The URL of the registry: the default account's, if no other host is given."""
        return f"http://{self.host}" if self.host else self.cloud.registry

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request below /v2/NAME/."""
        url = f"{self.registry}/v2/{self.name}/{path}"
        return requests.request(method, url, auth=self.login, timeout=60, **options)

    def blob(self, data: bytes) -> dict[str, Any]:
        """Uploads a blob; gives its descriptor."""
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        begun = self.call("POST", "blobs/uploads/")
        assert begun.status_code == 202, begun.text
        url = f"{self.registry}{begun.headers['Location']}&digest={digest}"
        done = requests.put(url, data=data, auth=self.login, timeout=60)
        assert done.status_code == 201, done.text
        return {"size": len(data), "digest": digest, "mediaType": "application/octet-stream"}

    def manifest(self, text: str) -> str:
        """A manifest of an image whose only layer holds text; its blobs are uploaded."""
        config = self.blob(json.dumps({"architecture": "amd64", "os": "linux"}).encode())
        layer = self.blob(text.encode())
        body = {"schemaVersion": 2, "mediaType": DOCKER_MANIFEST, "config": config}
        return json.dumps({**body, "layers": [layer]})

    def put(self, manifest: str, reference: str, kind: str = DOCKER_MANIFEST) -> requests.Response:
        """PUTs a manifest under a name."""
        headers = {"Content-Type": kind}
        return self.call("PUT", f"manifests/{reference}", data=manifest, headers=headers)

    def push(self, text: str, tag: str) -> str:
        """Pushes an image; gives its digest."""
        manifest = self.manifest(text)
        answer = self.put(manifest, tag)
        assert answer.status_code == 201, answer.text
        return digest_of(manifest)


def digest_of(manifest: str) -> str:
    """The digest of a manifest."""
    return "sha256:" + hashlib.sha256(manifest.encode()).hexdigest()
