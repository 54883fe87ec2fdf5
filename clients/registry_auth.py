"""Who may talk to a registry: credentials found at the moment of use and kept in memory only."""

from __future__ import annotations

import re
import threading
import time
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from clients import ClientError
from clients.aws import AwsAccess, client, translated
from clients.registry_names import is_loopback

_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)"
    r"\.amazonaws\.com(?:\.cn)?"
)
_EARLY = 300.0  # seconds before its end at which a token counts as over


@dataclass(frozen=True)
class Credentials:
    """A user and password, or an identity token, for one registry host."""

    user: str
    password: str = field(repr=False)
    from_ecr: bool = False
    """True when ECR made them; Docker's own configuration does not know these."""


class Keychain:
    """Finds credentials of registry hosts: ECR's token by boto3, else Docker's configuration."""

    def __init__(self, access: AwsAccess | None = None) -> None:
        self._access = access
        self._ecr: dict[str, tuple[Credentials, str, float]] = {}
        self._lock = threading.Lock()

    def ecr_region(self, host: str) -> str | None:
        """The region of `host` if it is a private ECR (or the local cloud's), else None."""
        if match := _ECR.fullmatch(host):
            return match["region"]
        access = self._access
        if access is None or access.endpoint("ecr") is None or not is_loopback(host):
            return None
        _, proxy = self._token(access.region)
        return access.region if proxy == host else None

    def credentials(self, host: str) -> Credentials | None:
        """Credentials for `host`, or None for an anonymous one. Raises ClientError."""
        region = self.ecr_region(host)
        return self._token(region)[0] if region else _from_docker(host)

    def forget(self, host: str) -> None:
        """Drop what is remembered, so that the next use logs in again."""
        match = _ECR.fullmatch(host)
        with self._lock:
            if match:
                self._ecr.pop(match["region"], None)
            else:
                self._ecr.clear()

    def access(self) -> AwsAccess:
        """The account that ECR is asked with."""
        return self._access or AwsAccess(region="us-east-1")

    def _token(self, region: str) -> tuple[Credentials, str]:
        with self._lock:  # one request however many images ask at once
            known = self._ecr.get(region)
            if known is None or known[2] - _EARLY < time.time():
                known = self._ecr[region] = _ecr_token(self.access(), region)
            return known[0], known[1]


def _ecr_token(access: AwsAccess, region: str) -> tuple[Credentials, str, float]:
    with translated("logging in to ECR"):
        answer = client(access, "ecr", region).get_authorization_token()
    data: dict[str, Any] = answer["authorizationData"][0]
    user, _, password = b64decode(data["authorizationToken"]).decode().partition(":")
    host = urlsplit(data["proxyEndpoint"]).netloc
    return Credentials(user, password, from_ecr=True), host, data["expiresAt"].timestamp()


def _from_docker(host: str) -> Credentials | None:
    from docker import auth, errors

    try:
        found = auth.load_config().resolve_authconfig(host)
    except (errors.DockerException, ValueError, OSError) as error:
        raise ClientError(
            f"Docker's credentials for {host} could not be read: {error}; try `docker login {host}`"
        ) from None
    if not found:
        return None
    if token := found.get("IdentityToken") or found.get("identitytoken"):
        return Credentials("<token>", token)
    user = found.get("username") or found.get("Username") or ""
    password = found.get("password") or found.get("Password") or ""
    return Credentials(user, password) if user else None
