"""Reads manifests, layers and attestations back from the estate's registry, by HTTP alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import requests

from tests.estate import Estate

ACCEPT = ", ".join(f"application/vnd.oci.image.{kind}.v1+json" for kind in ("index", "manifest"))
REFERENCE = "vnd.docker.reference.digest"


@dataclass(frozen=True)
class RegistryReader:
    """One repository."""

    estate: Estate
    repository: str

    def head(self, tag: str) -> str:
        """The digest that a tag names."""
        return str(self._ask(f"manifests/{tag}").headers["Docker-Content-Digest"])

    def get(self, path: str) -> bytes:
        """What the registry has under /v2/<repository>/."""
        return self._ask(path).content

    def _ask(self, path: str) -> requests.Response:
        token = self.estate.client("ecr").get_authorization_token()["authorizationData"][0]
        answer = requests.get(
            f"{token['proxyEndpoint']}/v2/{self.repository}/{path}",
            headers={"Accept": ACCEPT, "Authorization": f"Basic {token['authorizationToken']}"},
            timeout=10,
        )
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer

    def manifest(self, reference: str) -> dict[str, Any]:
        """A manifest or an index by tag or digest."""
        document: dict[str, Any] = json.loads(self.get(f"manifests/{reference}"))
        return document

    def platforms(self, reference: str) -> list[str]:
        """The digests of the images themselves, one for each platform."""
        return [
            each["digest"]
            for each in self.manifest(reference)["manifests"]
            if REFERENCE not in each.get("annotations", {})
        ]

    def statements(self, reference: str) -> list[dict[str, Any]]:
        """The in-toto statements that hang on the images of an index."""
        found = []
        for each in self.manifest(reference)["manifests"]:
            if REFERENCE in each.get("annotations", {}):
                for layer in self.manifest(each["digest"])["layers"]:
                    found.append(json.loads(self.get(f"blobs/{layer['digest']}")))
        return found
