"""The provider's configuration and the clients made from it."""

import json
import os
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from botocore.config import Config
from botocore.session import Session

from offline.plugin.definition import ConfigurationError
from offline.plugin.wire import State

TEXTS = frozenset({"region", "profile", "accessKey", "secretKey", "token"})
FLAGS = frozenset(
    {
        "s3UsePathStyle",
        "skipMetadataApiCheck",
        "skipCredentialsValidation",
        "skipRegionValidation",
        "skipRequestingAccountId",
    }
)
OBJECTS = frozenset({"endpoints", "defaultTags", "allowedAccountIds", "forbiddenAccountIds"})
KNOWN = TEXTS | FLAGS | OBJECTS
IGNORED = frozenset({"version", "pluginDownloadURL", "__defaults", "__internal"})


@dataclass(frozen=True)
class Settings:
    """The provider's configuration; endpoints by service name."""

    region: str
    profile: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    token: str | None = None
    endpoints: dict[str, str] = field(default_factory=dict)
    path_style: bool = False
    default_tags: dict[str, str] = field(default_factory=dict)
    allowed_accounts: tuple[str, ...] = ()
    forbidden_accounts: tuple[str, ...] = ()


def settings(config: State) -> Settings:
    """The settings from the wire, where everything but texts may be JSON text.

    Raises ConfigurationError for an unknown key, text that is no JSON, a missing region and an
    unknown service in endpoints.
    """
    for key in config:
        if key not in KNOWN | IGNORED:
            raise ConfigurationError(
                f"aws:{key}: not known to the offline aws plugin; known: {', '.join(sorted(KNOWN))}"
            )
    environment = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    profile = config.get("profile") or os.environ.get("AWS_PROFILE")
    region = config.get("region") or environment or _region_of_profile(profile)
    if not region:
        raise ConfigurationError(
            "aws:region: missing; set it: `pulumi config set aws:region eu-west-1`, or AWS_REGION"
        )
    tags = _parsed(config, "defaultTags") or {}
    return Settings(
        region=region,
        profile=profile,
        access_key=config.get("accessKey"),
        secret_key=config.get("secretKey"),
        token=config.get("token"),
        endpoints=_endpoints(_parsed(config, "endpoints") or []),
        path_style=_flag(config.get("s3UsePathStyle")),
        default_tags={str(k): str(v) for k, v in (tags.get("tags") or {}).items()},
        allowed_accounts=tuple(map(str, _parsed(config, "allowedAccountIds") or [])),
        forbidden_accounts=tuple(map(str, _parsed(config, "forbiddenAccountIds") or [])),
    )


class Cloud:
    """Clients of one configuration; safe to use from several threads.

    cancelled is set when the update is cancelled: whoever waits must look at it.
    """

    def __init__(self, chosen: Settings) -> None:
        self.settings = chosen
        self.region = chosen.region
        self.cancelled = threading.Event()
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._account = ""

    def client(self, service: str, region: str = "") -> Any:
        """The client of a service, at its configured endpoint."""
        key = (service, region or self.region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._new_client(*key)
            return self._clients[key]

    def account(self) -> str:
        """The account number that the credentials belong to."""
        if not self._account:
            self._account = str(self.client("sts").get_caller_identity()["Account"])
        return self._account

    def check_account(self) -> None:
        """Raises ConfigurationError when the credentials belong to an account that is not meant."""
        allowed, forbidden = self.settings.allowed_accounts, self.settings.forbidden_accounts
        if not allowed and not forbidden:
            return
        account = self.account()
        if account in forbidden or (allowed and account not in allowed):
            raise ConfigurationError(
                f"wrong AWS account: the credentials belong to {account}; allowed: "
                f"{', '.join(allowed) or 'any'}, forbidden: {', '.join(forbidden) or 'none'}; "
                "nothing was changed; use the right profile or keys, or correct "
                "aws:allowedAccountIds"
            )

    @cached_property
    def _session(self) -> Any:
        """Of all clients: each session reads botocore's map of endpoints anew. It is botocore's
        own: a plugin starts with each update, and boto3 takes a third of that time."""
        chosen = self.settings
        made = Session(profile=chosen.profile)
        keys = (chosen.access_key, chosen.secret_key, chosen.token)
        if any(keys):
            made.set_credentials(*keys)
        return made

    def _new_client(self, service: str, region: str) -> Any:
        chosen = self.settings
        style = {"addressing_style": "path"} if chosen.path_style else {}
        return self._session.create_client(
            service,
            region,
            endpoint_url=chosen.endpoints.get(service.replace("-", "")),
            config=Config(
                s3=style,
                retries={"mode": "standard", "max_attempts": 5},
                connect_timeout=10,
                max_pool_connections=32,
            ),
        )


def _region_of_profile(profile: str | None) -> str | None:
    region: str | None = Session(profile=profile).get_config_variable("region")
    return region


def _parsed(config: State, key: str) -> Any:
    value = config.get(key)
    if not isinstance(value, str) or not value:
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ConfigurationError(f"aws:{key}: not valid JSON ({error}): {value!r}") from error


def _flag(value: Any) -> bool:
    return str(value).lower() == "true"


def _endpoints(blocks: Any) -> dict[str, str]:
    if not isinstance(blocks, list) or not all(isinstance(item, dict) for item in blocks):
        raise ConfigurationError(
            'aws:endpoints: a list of objects is expected, such as [{"s3": "http://127.0.0.1:4566"}]'
        )
    return {service: url for block in blocks for service, url in block.items() if url}
