"""Who may do what in an account's private registry."""

import re
from dataclasses import dataclass

from aiohttp import web
from moto.ecr.models import Repository

from localcloud.calls.registry_http import refusal
from localcloud.registry.catalog import Catalog
from localcloud.registry.replies import refused, unauthorized
from localcloud.registry.tokens import Tokens
from localcloud.resource_policy import allows

PATH = re.compile(r"^/v2/(?P<name>.+?)/(?P<kind>manifests|blobs|tags|referrers)/(?P<rest>.+)$")
READS = ("GET", "HEAD")
# What a request needs, as repository policies name it.
READING = {"manifests": "BatchGetImage", "blobs": "GetDownloadUrlForLayer", "tags": "ListImages"}
WRITING = {"POST": "InitiateLayerUpload", "PATCH": "UploadLayerPart", "PUT": "CompleteLayerUpload"}


@dataclass(frozen=True)
class Entry:
    """A request that may be served: `name` is the repository's path at its host."""

    repository: Repository
    name: str
    kind: str
    rest: str
    mounts: bool
    """Whether the registry knows blob mounts at all."""


class PrivateGate:
    """Lets in who has a token of GetAuthorizationToken: at home, and where a policy allows it."""

    def __init__(self, catalog: Catalog, tokens: Tokens) -> None:
        self._catalog, self._tokens = catalog, tokens

    def enter(self, request: web.Request, owner: str) -> Entry | web.Response:
        """The entry of a request to the registry of account `owner`, else the answer to it."""
        login = self._tokens.login(request.headers.get("Authorization"))
        if login is None:
            return unauthorized(f'Basic realm="http://{request.host}/",service="ecr.amazonaws.com"')
        if request.path in ("/v2/", "/v2"):
            return web.json_response({})
        if request.path == "/v2/_catalog":
            names = self._catalog.names(owner, login.region) if login.account == owner else []
            return web.json_response({"repositories": names})
        found = PATH.match(request.path)
        if not found:
            return refused(404, "NAME_UNKNOWN", f"{request.path} is no path of a repository")
        name, kind, rest = found["name"], found["kind"], found["rest"]
        repository = self._catalog.repository(owner, login.region, name)
        if repository is None:
            return refused(404, "NAME_UNKNOWN", unknown(name, owner))
        action = needed(request.method, kind)
        if login.account != owner and not allows(repository.policy, login.account, action):
            return refused(403, "DENIED", denied(login.account, action, repository.arn))
        reason = refusal(login.key, login.account, request.method, kind, request.query, repository)
        if reason:
            return refused(403, "DENIED", reason)
        return Entry(repository, name, kind, rest, mounts=True)


def needed(method: str, kind: str) -> str:
    """The permission that a request needs."""
    if method in READS:
        return "ecr:" + READING.get(kind, "BatchGetImage")
    return "ecr:" + ("PutImage" if kind == "manifests" else WRITING.get(method, method))


def denied(account: str, action: str, resource: str) -> str:
    """ECR's sentence for what another account has not allowed."""
    return (
        f"User: arn:aws:iam::{account}:root is not authorized to perform: {action} on resource: "
        f"{resource} because no resource-based policy allows the {action} action"
    )


def unknown(name: str, account: str) -> str:
    """ECR's sentence for a repository that nobody created."""
    return f"The repository with name '{name}' does not exist in the registry with id '{account}'"
