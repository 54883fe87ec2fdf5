"""Where the repositories of a stack are: the first part of every image reference."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from clients.aws import AwsAccess, client, translated
from clients.registry_auth import Keychain


@dataclass(frozen=True, kw_only=True)
class Repositories:
    """The registry of one stack."""

    access: AwsAccess
    """The account that an own ECR belongs to."""
    kind: str
    """ecr, ecr-public, or host[:port] of any registry."""
    alias: str | None = None
    """Alias of an own public registry; ecr-public only."""
    account: str | None = None
    """Account that the private ECR belongs to; the own one if None."""

    @cached_property
    def place(self) -> str:
        """host, or host/alias, to which `/` and a repository are added. May ask ECR once."""
        if self.kind == "ecr":
            return self._ecr(self.account or self.access.account)
        if self.kind == "ecr-public":
            return f"{Keychain(self.access).public_host()}/{self.alias}"
        return self.kind

    def _ecr(self, account: str | None) -> str:
        access = self.access
        if account and access.endpoint("ecr") is None:
            suffix = ".cn" if access.region.startswith("cn-") else ""
            return f"{account}.dkr.ecr.{access.region}.amazonaws.com{suffix}"
        whose = {"registryIds": [self.account]} if self.account else {}
        with translated("asking ECR for its address"):
            answer = client(access, "ecr").get_authorization_token(**whose)
        return urlsplit(str(answer["authorizationData"][0]["proxyEndpoint"])).netloc
