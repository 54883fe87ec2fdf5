"""Who may talk to a registry: credentials found at the moment of use and kept in memory only."""

from __future__ import annotations

import math
import re
import threading
import time
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from clients import ClientError
from clients.aws import AwsAccess, client, translated
from clients.registry_names import PUBLIC_ECR, is_loopback

_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)"
    r"\.amazonaws\.com(?:\.cn)?"
)
_PUBLIC, _PUBLIC_REGION = "public", "us-east-1"  # ECR Public gives tokens nowhere else
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
        self._tokens: dict[str, _Token] = {}
        self._public: str | None = None
        self._lock = threading.RLock()

    def ecr_region(self, host: str) -> str | None:
        """The region of `host` if it is a private ECR (or the local cloud's), else None.

        The local cloud has a host for each account: addresses of this machine with one port.
        """
        if match := _ECR.fullmatch(host):
            return match["region"]
        access = self._access
        if access is None or access.endpoint("ecr") is None or not is_loopback(host):
            return None
        if self.is_public_ecr(host):
            return None
        known = self._token(access.region)
        return access.region if known.host and _port(known.host) == _port(host) else None

    def public_host(self) -> str:
        """The host of ECR Public: public.ecr.aws, or its twin in the local cloud."""
        access = self._access
        if access is None or access.endpoint("ecrpublic") is None:
            return PUBLIC_ECR
        with self._lock:
            if self._public is None:
                with translated("asking where ECR Public is"):
                    answer = client(access, "ecr-public", _PUBLIC_REGION).describe_registries()
                self._public = str(answer["registries"][0]["registryUri"]).split("/")[0]
            return self._public

    def is_public_ecr(self, host: str) -> bool:
        """Whether `host` is ECR Public, from which everybody may read."""
        return host == PUBLIC_ECR or (is_loopback(host) and host == self.public_host())

    def credentials(self, host: str) -> Credentials | None:
        """Credentials for `host`, or None for an anonymous one. Raises ClientError.

        ECR's token is good for every account's registry in its region that lets us in. Without
        AWS credentials ECR Public is read anonymously.
        """
        key = _PUBLIC if self.is_public_ecr(host) else self.ecr_region(host)
        found = self._token(key).credentials if key else None
        return found or _from_docker(host)

    def forget(self, host: str) -> None:
        """Drop what is remembered, so that the next use logs in again."""
        match = _ECR.fullmatch(host)
        with self._lock:
            if match:
                self._tokens.pop(match["region"], None)
            else:
                self._tokens.clear()

    def access(self) -> AwsAccess:
        """The account that ECR is asked with."""
        return self._access or AwsAccess(region=_PUBLIC_REGION)

    def _token(self, key: str) -> _Token:
        with self._lock:  # one request however many images ask at once
            known = self._tokens.get(key)
            if known is None or known.expires - _EARLY < time.time():
                ask = _public_token if key == _PUBLIC else _ecr_token
                known = self._tokens[key] = ask(self.access(), key)
            return known


@dataclass(frozen=True)
class _Token:
    credentials: Credentials | None
    host: str | None
    expires: float


def _ecr_token(access: AwsAccess, region: str) -> _Token:
    with translated("logging in to ECR"):
        answer = client(access, "ecr", region).get_authorization_token()
    data = answer["authorizationData"][0]
    return _token_of(data, urlsplit(data["proxyEndpoint"]).netloc)


def _public_token(access: AwsAccess, _: str) -> _Token:
    from botocore.exceptions import NoCredentialsError

    with translated("logging in to ECR Public"):
        try:
            answer = client(access, "ecr-public", _PUBLIC_REGION).get_authorization_token()
        except NoCredentialsError:
            return _Token(None, None, math.inf)
    return _token_of(answer["authorizationData"], None)


def _token_of(data: dict[str, Any], host: str | None) -> _Token:
    user, _, password = b64decode(data["authorizationToken"]).decode().partition(":")
    made = Credentials(user, password, from_ecr=True)
    return _Token(made, host, data["expiresAt"].timestamp())


def _port(host: str) -> str:
    return host.rpartition(":")[2]


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
