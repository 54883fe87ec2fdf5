"""Pulling images: from the cloud's own ECR with a role's rights, from elsewhere without a login."""

import base64
import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker.errors
from moto.ecr.models import Repository, ecr_backends

from localcloud.containers.engine import Containers
from localcloud.containers.pull_rights import RETRIED, PullError, refuse
from localcloud.registry.catalog import StoredImage
from localcloud.registry.hosts import address_of

Login = Callable[[Any, str, Repository], str]
"""Role and session to an authorization token (base64 of user:password) for a repository."""


@dataclass(frozen=True, kw_only=True)
class PulledImage:
    """An image that the engine has."""

    name: str
    """By which the engine knows it: repository@digest."""
    digest: str
    """Of the manifest that was pulled: for an index, the one of the platform."""
    architecture: str
    """As in the image's config, such as amd64."""


class Images:
    """Resolves references to manifests, then has the engine pull them; one pull per manifest."""

    def __init__(self, containers: Containers, login: Login, note: Path) -> None:
        """`note` is a file that remembers what was pulled, for the server after this one."""
        self._containers, self._login, self._note = containers, login, note
        self._lock = threading.Lock()
        self._pulls: dict[str, threading.Lock] = {}

    def resolve(self, reference: str, region: str) -> str:
        """The digest that a reference of the cloud's ECR names now (for a tag: the image's own,
        an index stays one); empty if there is none or it is of another registry."""
        repository, wanted = self._find(reference, region)
        found = stored(repository, wanted) if repository else None
        return found.image_digest if found else ""

    def pull(
        self, reference: str, region: str, role: Any, session: str, architecture: str = "amd64"
    ) -> PulledImage:
        """Makes the engine have an image, read with a role's rights.

        `role` is moto's role and `session` names it in a refusal. Raises PullError or AuthError.
        """
        repository, wanted = self._find(reference, region)
        if repository is None:
            host, path, _ = split(reference)
            if self._account(host):
                reason = f"name unknown: The repository with name '{path}' does not exist in the "
                reason += f"registry with id '{self._account(host)}'"
                raise PullError(f"{RETRIED}: failed to resolve ref {reference}: {reason}")
            return self._elsewhere(reference)
        refuse(repository, role, session, reference)
        manifest = platform_manifest(repository, wanted, architecture, reference)
        host, path, _ = split(reference)
        name = f"{host}/{path}@{manifest}"
        login = self._login(role, session, repository)
        return self._pull(name, manifest, reference, login)

    def remove_all(self) -> None:
        """Removes from the engine what was pulled, by an earlier server too, unless in use."""
        names = self._note.read_text().split() if self._note.exists() else []
        for name in names:
            with contextlib.suppress(docker.errors.APIError):
                self._containers.api.remove_image(name)
        self._note.unlink(missing_ok=True)

    def _elsewhere(self, reference: str) -> PulledImage:
        pulled = self._pull(reference, "", reference, "")
        found = self._containers.api.inspect_image(pulled.name)
        names = [str(each) for each in found["RepoDigests"] or []]
        digest = names[0].rpartition("@")[2] if names else ""
        return PulledImage(name=pulled.name, digest=digest, architecture=pulled.architecture)

    def _pull(self, name: str, digest: str, reference: str, login: str) -> PulledImage:
        with self._lock:
            lock = self._pulls.setdefault(name, threading.Lock())
        with lock:
            found = self._have(name) if digest else None
            if found is None:
                self._engine_pull(name, reference, login)
                found = self._have(name) or {}
                with self._lock, self._note.open("a") as note:
                    note.write(f"{name}\n")
        return PulledImage(name=name, digest=digest, architecture=found.get("Architecture", ""))

    def _have(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._containers.api.inspect_image(name)
        except docker.errors.ImageNotFound:
            return None
        return found

    def _engine_pull(self, name: str, reference: str, login: str) -> None:
        user, _, password = base64.b64decode(login).decode().partition(":")
        auth = {"username": user, "password": password} if login else None
        try:
            lines = self._containers.api.pull(name, stream=True, decode=True, auth_config=auth)
            errors = [str(line["error"]) for line in lines if "error" in line]
        except docker.errors.APIError as error:
            errors = [str(error.explanation or error)]
        if errors:
            raise PullError(f"{RETRIED}: failed to resolve ref {reference}: {errors[0]}")

    def _account(self, host: str) -> str | None:
        address = host.rpartition(":")[0].replace("localhost", "127.0.0.1")
        known = list(ecr_backends)
        return next((str(each) for each in known if address_of(str(each)) == address), None)

    def _find(self, reference: str, region: str) -> tuple[Repository | None, str]:
        host, path, wanted = split(reference)
        account = self._account(host)
        if account is None:
            return None, wanted
        return ecr_backends[account][region].repositories.get(path), wanted


def split(reference: str) -> tuple[str, str, str]:
    """Host, path and what is wanted of host/path[:tag][@digest]: the digest, else the tag."""
    name, _, digest = reference.partition("@")
    host, _, rest = name.partition("/")
    path, _, tag = rest.partition(":")
    return host, path, digest or tag or "latest"


def stored(repository: Repository, wanted: str) -> StoredImage | None:
    """A repository's image of a tag or digest."""
    for image in list(repository.images):
        if isinstance(image, StoredImage) and (
            wanted == image.image_digest or wanted in image.image_tags
        ):
            return image
    return None


def platform_manifest(
    repository: Repository, wanted: str, architecture: str, reference: str
) -> str:
    """The digest of the manifest for linux and an architecture; raises PullError."""
    found = stored(repository, wanted)
    if found is None:
        raise PullError(f"{RETRIED}: failed to resolve ref {reference}: {reference}: not found")
    if "manifests" not in found.content:
        return str(found.image_digest)
    for entry in json.loads(found.image_manifest)["manifests"]:
        platform = entry.get("platform") or {}
        if (platform.get("os"), platform.get("architecture")) == ("linux", architecture):
            return str(entry["digest"])
    reason = f"image Manifest does not contain descriptor matching platform 'linux/{architecture}'"
    raise PullError(f"{RETRIED}: {reason}")
