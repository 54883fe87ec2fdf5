"""The stack file as one frozen model: every key, its default, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from infra.problems_of import describe
from release.names import fields_of, is_movable
from release.versions import check_version


def _decoded(value: Any) -> Any:
    """Pulumi hands objects and lists of the stack file over as JSON text."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


class Section(BaseModel):
    """One section of the stack file: unknown keys are refused, values do not change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Release(Section):
    """`slipway:release`: how images come to be and what they are called."""

    images: Literal["build"] = "build"
    """build: what the registry lacks is built."""
    names: tuple[str, ...] = ("{sha}",)
    """Name templates. `{sha}` and `{short_sha}` make names that are given once, when the content
    is built; the others are given at every update."""

    @field_validator("names")
    @classmethod
    def _known_fields(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            fields_of(name)
        return names


class Registry(Section):
    """`slipway:registry`: where images are kept."""

    kind: str = Field(default="ecr", pattern=r"^(ecr|[a-z0-9.-]+:[0-9]{1,5})$")
    """ecr, or host:port of any OCI registry."""
    repository: str = "{image}"
    """Template of the repository's name."""
    create: bool = True
    """Whether this stack owns the repositories; false: they are looked up."""

    @field_validator("repository")
    @classmethod
    def _one_per_image(cls, template: str) -> str:
        if "image" not in fields_of(template):
            raise ValueError("must hold {image}, or all images would share one repository")
        return template


class Bundles(Section):
    """`slipway:bundles`: the bucket of deploy bundles."""

    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    """The bucket's name."""
    create: bool = True
    """Whether this stack owns the bucket."""


class Host(Section):
    """`slipway:host`: the EC2 machines that `target: host` services run on."""

    create: bool = False
    """Whether this stack owns one machine; false: machines are found by their tags."""
    instances: Mapping[Literal["tag"], str] | None = None
    """Which machines there are, as `tag: name=value`, when they are not created here."""
    instance_type: str = "t3.small"
    """EC2 instance type of a created machine."""
    volume_gib: int = Field(default=20, ge=8, le=16384)
    """Size of its encrypted root volume, GiB."""
    subnet: str | None = Field(default=None, pattern=r"^subnet-[0-9a-f]+$")
    """Its subnet; the default network's if not given."""
    open_to: tuple[str, ...] = ()
    """CIDR blocks that may reach the published ports."""

    @model_validator(mode="after")
    def _one_way(self) -> Host:
        if self.create == (self.instances is not None):
            raise ValueError("say either `create: true` or `instances: {tag: name=value}`")
        return self


class Build(Section):
    """`slipway:build`: how images are built."""

    builder: str | None = None
    """A buildx builder; else $BUILDX_BUILDER, else one of ours."""
    args: Mapping[str, str] = Field(default_factory=dict)
    """Build arguments for every image."""
    platforms: tuple[str, ...] = ()
    """Platforms, for instance linux/arm64; the builder's own if empty."""
    attest: bool = False
    """Attach provenance; the image is then an index."""
    timeout: int = Field(default=1800, ge=1, le=86400)
    """Seconds that one build may take."""
    concurrency: int = Field(default=2, ge=1, le=64)
    """How many builds run at the same time."""


class Service(Section):
    """One entry of `slipway:services`: an image, and where it runs."""

    target: Literal["host"]
    """host: systemd and Docker on an EC2 machine."""
    image: str | None = None
    """The image; the service's own name if not given."""
    job: bool = False
    """Runs once per deploy and ends, instead of serving."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """The port that the container listens on."""
    publish: int | None = Field(default=None, ge=1, le=65535)
    """The port of the machine that leads to it; `port` if not given."""
    health: str = Field(default="/", pattern=r"^/[A-Za-z0-9._~/?=&-]{0,200}$")
    """The path that answers 2xx or 3xx when the service is healthy."""
    volumes: tuple[Annotated[str, Field(pattern=r"^[a-z0-9._-]+:/[A-Za-z0-9._/-]+$")], ...] = ()
    """`name:/path`: folders under /opt/<service> that outlive the container."""
    environment: Mapping[str, str] = Field(default_factory=dict)
    """Plain environment variables. Never a secret."""
    timeout: int = Field(default=60, ge=5, le=3600)
    """Seconds until the new version must be healthy, or the job done."""

    @model_validator(mode="after")
    def _shape(self) -> Service:
        if self.job and (self.port or self.publish):
            raise ValueError("a job serves no port: remove `port` and `publish`, or `job: true`")
        if not self.job and self.port is None:
            raise ValueError("needs `port`, the port its container listens on, or `job: true`")
        return self


ServiceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")]


class Settings(Section):
    """Everything that a stack file says, checked."""

    project: str
    stack: str
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")
    profile: str | None = None
    endpoints: Mapping[str, str] = Field(default_factory=dict)
    access_key: str | None = None
    secret_key: str | None = Field(default=None, repr=False)

    account: str | None = Field(default=None, pattern=r"^[0-9]{12}$")
    """The AWS account this stack belongs to; any other is refused before anything is done."""
    roots: tuple[str, ...] = ("services",)
    """Folders, from the top of the repository, below which every Dockerfile is an image."""
    main: str = "main"
    """The branch that changes are explained against."""
    version: str | None = None
    """The version of this update, usually given as `-c version=v1.2.0`."""
    protected: bool = False
    """Clean tree, version required, no `latest*`, and Pulumi's `protect` on what holds data."""
    release: Release = Release()
    registry: Registry = Registry()
    bundles: Bundles
    host: Host | None = None
    build: Build = Build()
    services: Mapping[ServiceName, Service] = Field(default_factory=dict)

    @field_validator("version")
    @classmethod
    def _a_version(cls, version: str | None) -> str | None:
        return None if version is None else check_version(version)

    @model_validator(mode="after")
    def _together(self) -> Settings:
        if self.services and self.host is None:
            raise ValueError("services with `target: host` need `host`: say where they run")
        if self.protected and any(is_movable(name) for name in self.release.names):
            raise ValueError("`latest*` names move, and a protected stack has none: remove them")
        if self.access_key and not self.endpoints:
            raise ValueError("aws:accessKey belongs to a local cloud; use aws:profile for AWS")
        return self


def read_settings(project: str, stack: str, config: Mapping[str, str]) -> Settings:
    """The settings from a stack's configuration (`namespace:key` to its text).

    Raises `ValueError` with all problems at once, each by its key.
    """
    own = {k.split(":", 1)[1]: v for k, v in config.items() if k.startswith(f"{project}:")}
    values: dict[str, Any] = {key: _decoded(value) for key, value in own.items()}
    reserved = {"project", "stack", "region", "profile", "endpoints", "access_key", "secret_key"}
    stray = reserved & set(values)
    for key in stray:
        values[f"{key} "] = values.pop(key)
    values |= {"project": project, "stack": stack, "region": config.get("aws:region", "")}
    values["profile"] = config.get("aws:profile")
    values["access_key"] = config.get("aws:accessKey")
    values["secret_key"] = config.get("aws:secretKey")
    for block in _decoded(config.get("aws:endpoints", "[]")) or []:
        values.setdefault("endpoints", {}).update(block)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise ValueError(describe(error, project, stack, Settings)) from None
