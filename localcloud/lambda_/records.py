"""What Lambda keeps of a function: its versions, aliases, permissions and URLs."""

import secrets
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LATEST = "$LATEST"


@dataclass(frozen=True, kw_only=True)
class SourceImage:
    """The image of a version, pinned when the version got it."""

    uri: str
    """As the caller named it."""
    resolved: str
    """host/repository@digest."""
    digest: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A function's configuration, frozen with each published version."""

    role: str
    timeout: int
    """Seconds that one invocation may take."""
    memory: int
    """MB, a hard limit."""
    description: str
    architecture: str
    """x86_64 or arm64."""
    environment: Mapping[str, str]
    image: Mapping[str, Any]
    """ImageConfig: EntryPoint, Command and WorkingDirectory where they replace the image's."""
    log_group: str
    storage: int
    """MB of /tmp."""
    given: Mapping[str, Any]
    """Parts that are kept and given back, but have no effect here (TracingConfig, VpcConfig)."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """$LATEST or a published version, at one moment."""

    number: str
    settings: Settings
    code: SourceImage
    modified: str
    """When it was made or changed, as Lambda writes times."""
    revision: str = field(default_factory=lambda: str(uuid.uuid4()))
    build: str = field(default_factory=lambda: secrets.token_hex(8))
    """Changes when what runs changes: a sandbox serves one build."""
    state: str = "Active"
    state_reason: tuple[str, str] | None = None
    """A reason code and its sentence, unless Active."""
    update: str | None = "Successful"
    """LastUpdateStatus; None while the function is being created."""
    update_reason: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A name for a published version, with a second one for a part of the invocations."""

    name: str
    version: str
    description: str
    weights: Mapping[str, float]
    revision: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, kw_only=True)
class UrlConfig:
    """A function URL, of the function or of an alias."""

    qualifier: str | None
    url: str
    id: str
    auth: str
    """NONE or AWS_IAM."""
    cors: Mapping[str, Any] | None
    mode: str
    created: str
    modified: str


@dataclass
class Function:
    """One function; its lock is held by whoever changes it."""

    name: str
    account: str
    region: str
    latest: Version
    """$LATEST as the API shows it; while an update runs, what it will be."""
    serving: Version
    """$LATEST as it answers invocations: the last one whose update succeeded."""
    tags: dict[str, str]
    versions: dict[str, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    permissions: dict[str | None, list[dict[str, Any]]] = field(default_factory=dict)
    """The statements of the resource policy by qualifier."""
    policy_revision: str = field(default_factory=lambda: str(uuid.uuid4()))
    urls: dict[str | None, UrlConfig] = field(default_factory=dict)
    concurrency: int | None = None
    published: int = 0
    """The highest version number ever given; it is not given again."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def arn(self) -> str:
        """The unqualified ARN."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    def renew_policy(self) -> None:
        """Gives the resource policy, which has changed, a new RevisionId."""
        self.policy_revision = str(uuid.uuid4())

    def find(self, number: str) -> Version | None:
        """$LATEST or a published version."""
        return self.latest if number == LATEST else self.versions.get(number)
