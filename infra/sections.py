"""The sections of the stack file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from infra.release_section import HOST_OR_ECR, Section, one_per_image


class Registry(Section):
    """`slipway:registry`: where images are kept."""

    kind: str = Field(default="ecr", pattern=HOST_OR_ECR)
    """ecr, ecr-public, or host:port of any OCI registry."""
    repository: str = "{image}"
    """Template of the repository's name."""
    create: bool = True
    """Whether this stack owns the repositories; false: they are looked up."""
    alias: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]{1,49}$")
    """ecr-public only: the alias of your public registry, as in public.ecr.aws/<alias>."""

    readers: tuple[Annotated[str, Field(pattern=r"^[0-9]{12}$")], ...] = ()
    """ecr with `create: true`: other accounts that may pull, such as the one that prod is in."""

    @field_validator("repository")
    @classmethod
    def _one_per_image(cls, template: str) -> str:
        return one_per_image(template)

    @model_validator(mode="after")
    def _alias_of_a_public_registry(self) -> Registry:
        if (self.kind == "ecr-public") != (self.alias is not None):
            raise ValueError("`alias` and `kind: ecr-public` belong together: say both, or neither")
        return self


class Bundles(Section):
    """`slipway:bundles`: the bucket of deploy bundles."""

    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    """The bucket's name."""
    create: bool = True
    """Whether this stack owns the bucket."""
    readers: tuple[Annotated[str, Field(pattern=r"^[0-9]{12}$")], ...] = ()
    """With `create: true`: other accounts that may read its records, for their `source`."""


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


class Docker(Section):
    """`slipway:docker`: the engine that `target: docker` services run on."""

    host: str | None = Field(default=None, pattern=r"^(unix|tcp|ssh)://[^\s]+$")
    """Its address: unix://, tcp:// or ssh://; $DOCKER_HOST, else this machine's, if not given."""


class Rollout(Section):
    """`slipway:rollout`: what becomes of services when one of them fails."""

    policy: Literal["independent", "together"] = "independent"
    """independent: each stands for itself. together: if one fails, all are put back."""
