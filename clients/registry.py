"""A thin client of OCI registries: look a manifest up, read it, and give it one more name."""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass

import requests

from clients.registry_answers import digest_in, listed, next_page, object_of
from clients.registry_auth import Keychain
from clients.registry_http import RegistryError, RegistryHttp, Tally
from clients.registry_names import is_digest, is_tag, split_repository
from clients.registry_refusals import no_repository

__all__ = ["Manifest", "NameTakenError", "Registry", "RegistryError"]

_ACCEPT = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
# https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
MOST_BYTES = 4 << 20
_PAGE = 1000
_MOST_PAGES = 1000


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
        self.http = http or RegistryHttp(self.host, keychain)

    def counted(self, tally: Tally) -> Registry:
        """The same repository, with its requests counted in `tally`."""
        other = copy.copy(self)
        other.http = self.http.counted(tally)
        return other

    def head(self, reference: str) -> str | None:
        """The digest that a tag (or a digest) names, or None when there is no such thing."""
        answer = self.http.send(
            "HEAD", self._manifest(reference), self.path, headers=_accept(reference)
        )
        if answer.status_code == 404:
            return None
        # An old registry may leave the header out: then the content itself says it.
        return digest_in(answer, self.repository) or self.get(reference).digest

    def get(self, reference: str) -> Manifest:
        """The manifest behind a tag or digest, checked against the digest."""
        manifest = self.find(reference)
        if manifest is None:
            raise RegistryError(
                f"{self.repository}: there is no {reference}", "MANIFEST_UNKNOWN", 404
            )
        return manifest

    def find(self, reference: str) -> Manifest | None:
        """As `get`, but None when there is no such thing."""
        path = self._manifest(reference)
        with self.http.send(
            "GET", path, self.path, headers=_accept(reference), stream=True
        ) as answer:
            if answer.status_code == 404:
                next(answer.iter_content(1 << 16), b"")  # so that the connection is used again
                return None
            body = self._body(answer, reference)
        digest = "sha256:" + hashlib.sha256(body).hexdigest()
        claimed = reference if is_digest(reference) else answer.headers.get("Docker-Content-Digest")
        if claimed and claimed != digest:
            raise RegistryError(
                f"{self.repository}: {reference} should be {claimed} but the registry sent "
                f"{digest}; the registry or something before it is damaged",
                "DIGEST_INVALID",
            )
        media_type = answer.headers.get("Content-Type", "").split(";")[0]
        return Manifest(body, media_type, digest)

    def put(self, manifest: Manifest, name: str) -> str | None:
        """Name the manifest `name`, by one PUT; the registry decides whether a name may move.

        Gives back the digest of its subject, if it has one and the registry keeps a list of what
        refers to it (OCI-Subject). RegistryError when the registry took it as other content.
        """
        answer = self.http.send(
            "PUT",
            self._manifest(name),
            self.path,
            headers={"Content-Type": manifest.media_type},
            data=manifest.body,
        )
        if answer.status_code == 404:
            raise no_repository(self.repository)
        taken_as = answer.headers.get("Docker-Content-Digest") or self.head(name)
        if taken_as != manifest.digest:
            raise RegistryError(
                f"{self.repository}: {name} was written as {manifest.digest} but the registry "
                f"made it {taken_as}; nothing that it holds may be deployed before that is mended",
                "DIGEST_INVALID",
            )
        return answer.headers.get("OCI-Subject")

    def all_tags(self) -> list[str]:
        """Every tag of the repository, in the registry's own order; none if it does not exist."""
        found: list[str] = []
        path = f"/v2/{self.path}/tags/list?n={_PAGE}"
        for _ in range(_MOST_PAGES):
            answer = self.http.send("GET", path, self.path)
            if answer.status_code == 404:
                return found
            found += self._tags(answer)
            following = next_page(answer, path)
            if following is None:
                return found
            path = following
        raise RegistryError(f"{self.repository}: the list of tags has no end; it is not usable")

    def tags(self, limit: int = 1000) -> list[str]:
        """At most `limit` tags of the repository, in the registry's own order."""
        answer = self.http.send("GET", f"/v2/{self.path}/tags/list?n={limit}", self.path)
        if answer.status_code == 404:
            return []
        return self._tags(answer)[:limit]

    def _tags(self, answer: requests.Response) -> list[str]:
        """What is no tag by its form would become a path of another request."""
        document = object_of(answer.content, f"{self.repository}: the list of its tags")
        return [tag for tag in listed(document, "tags", str) if is_tag(tag)]

    def _manifest(self, reference: str) -> str:
        return f"/v2/{self.path}/manifests/{reference}"

    def _body(self, answer: requests.Response, reference: str) -> bytes:
        body = bytearray()
        try:
            for piece in answer.iter_content(1 << 16):
                body += piece
                if len(body) > MOST_BYTES:
                    raise RegistryError(
                        f"{self.repository}: {reference} is larger than {MOST_BYTES >> 20} MiB, "
                        "the most that a manifest may have; it is not an image",
                        "MANIFEST_INVALID",
                    )
        except requests.RequestException as error:
            raise RegistryError(
                f"{self.repository}: {reference} broke off while it was read "
                f"({type(error).__name__}); try again"
            ) from None
        return bytes(body)


def _accept(reference: str) -> dict[str, str]:
    # A digest has one content only, so that any kind will do.
    anything = ["*/*;q=0.1"] if is_digest(reference) else []
    return {"Accept": ", ".join([*_ACCEPT, *anything])}
