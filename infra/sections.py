"""The sections of the stack file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from release.names import fields_of, is_build_name


class Section(BaseModel):
    """One section of the stack file: unknown keys are refused, values do not change."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Release(Section):
    """`slipway:release`: how images come to be and what they are called."""

    images: Literal["build", "promote"] = "build"
    """build: what the registry lacks is built. promote: nothing is built; a version that exists is
    redeployed as it is, a new one names what another stack has built of this commit."""
    names: tuple[str, ...] = ("{sha}",)
    """Name templates. `{sha}` and `{short_sha}` make names that are given once, when the content
    is built; the others are given at every update."""

    @field_validator("names")
    @classmethod
    def _known_fields(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            fields_of(name)
        return names

    @model_validator(mode="after")
    def _a_release_has_a_name(self) -> Release:
        if self.images == "promote" and (
            any(is_build_name(name) for name in self.names)
            or not any("version" in fields_of(name) for name in self.names)
        ):
            raise ValueError(
                "`promote` gives release names only: allowed are templates with {version} and "
                'without {sha}, for instance names: ["{version}"]'
            )
        return self


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
    instances: Mapping[str, str] | None = None
    """Which machines there are, as `tag: name=value`, when they are not created here."""
    instance_type: str = "t3.small"
    """EC2 instance type of a created machine."""
    volume_gib: int = Field(default=20, ge=8, le=16384)
    """Size of its encrypted root volume, GiB."""
    subnet: str | None = Field(default=None, pattern=r"^subnet-[0-9a-f]+$")
    """Its subnet; the default network's if not given."""
    open_to: tuple[str, ...] = ()
    """CIDR blocks that may reach the published ports."""

    @field_validator("instances")
    @classmethod
    def _by_tag(cls, instances: Mapping[str, str] | None) -> Mapping[str, str] | None:
        name, separator, value = (instances or {"tag": "a=b"}).get("tag", "").partition("=")
        if instances is not None and not (len(instances) == 1 and name and separator and value):
            raise ValueError("allowed: {tag: name=value}, a tag that the machines carry")
        return instances

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
