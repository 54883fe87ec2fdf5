"""A thin client of OCI registries: look a manifest up, read it, and give it one more name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from clients.registry_auth import Keychain
from clients.registry_http import RegistryError, RegistryHttp
from clients.registry_names import is_digest, split_repository

__all__ = ["Manifest", "NameTakenError", "Registry", "RegistryError"]

_ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


class NameTakenError(RegistryError):
    """A name that may not move belongs to other content."""

    def __init__(self, repository: str, name: str, wanted: str, found: str) -> None:
        super().__init__(
            f"{repository}:{name} already names {found} and is never moved; this update would "
            f"give it to {wanted}. Choose another name or version, or go back to the content "
            "that has it"
        )
        self.name = name
        self.found = found


@dataclass(frozen=True)
class Manifest:
    """A manifest or index as the registry stores it, byte by byte."""

    body: bytes
    media_type: str
    digest: str


class Registry:
    """One repository of one registry. Every method raises RegistryError, or AwsError at login."""

    def __init__(
        self, repository: str, keychain: Keychain, http: RegistryHttp | None = None
    ) -> None:
        """`repository` is "host[:port]/path"; ValueError when it is not.

        `http` is shared by the repositories of one host: connections and logins are kept in it.
        """
        self.repository = repository
        self.host, self.path = split_repository(repository)
        self.keychain = keychain
        self._http = http or RegistryHttp(self.host, keychain)

    def head(self, reference: str) -> str | None:
        """The digest that a tag (or a digest) names, or None when there is no such thing."""
        answer = self._http.send(
            "HEAD", self._manifest(reference), self.path, headers={"Accept": _ACCEPT}
        )
        if answer.status_code == 404:
            return None
        # An old registry may leave the header out: then the content itself says it.
        return answer.headers.get("Docker-Content-Digest") or self.get(reference).digest

    def get(self, reference: str) -> Manifest:
        """The manifest behind a tag or digest, checked against the digest."""
        answer = self._http.send(
            "GET", self._manifest(reference), self.path, headers={"Accept": _ACCEPT}
        )
        if answer.status_code == 404:
            raise RegistryError(
                f"{self.repository}: there is no {reference}", "MANIFEST_UNKNOWN", 404
            )
        digest = "sha256:" + hashlib.sha256(answer.content).hexdigest()
        claimed = reference if is_digest(reference) else answer.headers.get("Docker-Content-Digest")
        if claimed and claimed != digest:
            raise RegistryError(
                f"{self.repository}: {reference} should be {claimed} but the registry sent "
                f"{digest}; the registry or something before it is damaged"
            )
        media_type = answer.headers.get("Content-Type", "").split(";")[0]
        return Manifest(answer.content, media_type, digest)

    def put(self, manifest: Manifest, name: str) -> None:
        """Name the manifest `name`, by one PUT; the registry decides whether a name may move."""
        answer = self._http.send(
            "PUT",
            self._manifest(name),
            self.path,
            headers={"Content-Type": manifest.media_type},
            data=manifest.body,
        )
        if answer.status_code == 404:
            raise RegistryError(
                f"{self.repository}: the registry has no such repository; create it, or set "
                "`create: true` under slipway:registry in the stack file",
                "NAME_UNKNOWN",
                404,
            )

    def tags(self, limit: int = 1000) -> list[str]:
        """At most `limit` tags of the repository, in the registry's own order."""
        answer = self._http.send("GET", f"/v2/{self.path}/tags/list?n={limit}", self.path)
        if answer.status_code == 404:
            return []
        return [str(tag) for tag in answer.json().get("tags") or []][:limit]

    def _manifest(self, reference: str) -> str:
        return f"/v2/{self.path}/manifests/{reference}"
