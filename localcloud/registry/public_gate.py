"""Who may do what in the public registry: everybody reads, accounts write what is theirs."""

import secrets

from aiohttp import web

from localcloud.calls.registry_http import refusal
from localcloud.registry.gate import PATH, READS, Entry, denied, needed
from localcloud.registry.public import PublicRepositories
from localcloud.registry.replies import refused, unauthorized
from localcloud.registry.tokens import Login, Tokens

ANONYMOUS_SECONDS = 3600


class PublicGate:
    """Gives out bearer tokens, also to nobody in particular, and lets in who has one."""

    def __init__(self, repositories: PublicRepositories, tokens: Tokens) -> None:
        self._repositories, self._tokens = repositories, tokens
        self._bearers: dict[str, Login | None] = {}

    def enter(self, request: web.Request) -> Entry | web.Response:
        """The entry of a request, else the answer to it."""
        if request.path.rstrip("/") == "/token":
            return self._token(request)
        kind, _, bearer = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not self._holds(bearer):
            return unauthorized(challenge(request))
        if request.path in ("/v2/", "/v2"):
            return web.json_response({})
        found = PATH.match(request.path)
        repository = self._repositories.at(found["name"]) if found else None
        if not found or repository is None:
            message = f"The repository at {request.path} does not exist"
            return refused(404, "NAME_UNKNOWN", message)
        login = self._login(bearer)
        if request.method not in READS:
            if login is None:
                return unauthorized(challenge(request))
            if login.account != repository.account_id:
                action = needed(request.method, found["kind"]).replace("ecr:", "ecr-public:")
                return refused(403, "DENIED", denied(login.account, action, repository.arn))
            reason = refusal(
                login.key, login.account, request.method, found["kind"], {}, repository
            )
            if reason:
                return refused(403, "DENIED", reason)
        return Entry(repository, found["name"], found["kind"], found["rest"], mounts=False)

    def _token(self, request: web.Request) -> web.Response:
        if request.method != "GET":  # BuildKit tries OAuth 2 first
            return refused(405, "UNSUPPORTED", f"{request.method} is not supported here")
        authorization = request.headers.get("Authorization")
        login = self._tokens.login(authorization)
        if authorization and login is None:
            return unauthorized(challenge(request))
        bearer = secrets.token_urlsafe(48)
        self._bearers[bearer] = login
        return web.json_response({"token": bearer, "expires_in": ANONYMOUS_SECONDS})

    def _holds(self, bearer: str) -> bool:
        if bearer not in self._bearers:
            return self._login(bearer) is not None
        known = self._bearers[bearer]
        return known is None or self._tokens.valid(known)

    def _login(self, bearer: str) -> Login | None:
        """Who holds a bearer; ECR Public also takes its authorization token itself as one."""
        return self._bearers.get(bearer) or self._tokens.login(f"Basic {bearer}")


def challenge(request: web.Request) -> str:
    """Where and for what ECR Public gives tokens."""
    return f'Bearer realm="http://{request.host}/token/",service="public.ecr.aws",scope="aws"'
