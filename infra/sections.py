"""The sections of the stack file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from infra.release_section import HOST_OR_ECR, Section, one_per_image
from release.scan import Severity

SecretId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")]
SecretSource = Annotated[str, Field(pattern=r'^(env:[A-Za-z_][A-Za-z0-9_]*|file:[^,"\x00-\x1f]+)$')]


KmsKey = Annotated[
    str, Field(pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]{1,64}$")
]


def _quoted(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _belong(names: set[str]) -> str:
    return "belongs to" if len(names) == 1 else "belong to"


def _are(names: set[str]) -> str:
    return "is" if len(names) == 1 else "are"


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
    kms_key: KmsKey | None = None
    """ecr with `create: true`: ARN of the KMS key that new repositories are encrypted with; AWS's
    own AES-256 if not given. AWS never changes it later. Blobs are mounted between repositories of
    one key alone."""
    keep_days: int = Field(default=90, ge=0, le=3650)
    """ecr with `create: true`: days after which a build goes that is no release, runs nowhere and
    is no way back; 0: never. What has no name at all goes after 14."""
    keep_images: int = Field(default=10, ge=1, le=30)
    """ecr with `create: true`: how many earlier contents of this stack stay to be gone back to,
    however old they are. Releases stay for good."""

    @field_validator("repository")
    @classmethod
    def _one_per_image(cls, template: str) -> str:
        return one_per_image(template)

    @model_validator(mode="after")
    def _alias_of_a_public_registry(self) -> Registry:
        if (self.kind == "ecr-public") != (self.alias is not None):
            raise ValueError("`alias` and `kind: ecr-public` belong together: say both, or neither")
        return self

    @model_validator(mode="after")
    def _what_only_ecr_has(self) -> Registry:
        private = {"readers", "kms_key", "keep_days", "keep_images"} & self.model_fields_set
        if private and self.kind != "ecr":
            raise ValueError(
                f"{_quoted(private)} {_are(private)} for private ECR, and `kind` is {self.kind}, "
                "which has no such thing; remove, or say `kind: ecr`"
            )
        kept = private - {"readers"}
        if kept and not self.create:
            raise ValueError(
                f"{_quoted(kept)} {_belong(kept)} the stack that makes the repositories, and here "
                "`create` is false; move to that stack's file"
            )
        return self


class Bundles(Section):
    """`slipway:bundles`: the bucket of deploy bundles."""

    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    """The bucket's name."""
    create: bool = True
    """Whether this stack owns the bucket."""
    readers: tuple[Annotated[str, Field(pattern=r"^[0-9]{12}$")], ...] = ()
    """With `create: true`: other accounts that may read its records, for their `source`."""
    kms_key: KmsKey | None = None
    """With `create: true`: ARN of the KMS key that objects are encrypted with; S3's own AES-256 if
    not given. Whoever reads bundles or records then needs kms:Decrypt on it."""
    access_log: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    """With `create: true`: an existing bucket that S3 writes the access log into, below the name
    of this one. Its own policy has to let logging.s3.amazonaws.com write."""

    @model_validator(mode="after")
    def _of_its_owner(self) -> Bundles:
        given = {"kms_key", "access_log"} & self.model_fields_set
        if given and not self.create:
            raise ValueError(
                f"{_quoted(given)} {_belong(given)} the stack that makes the bucket, and here "
                "`create` is false; move to that stack's file"
            )
        if self.access_log == self.bucket:
            raise ValueError("`access_log` is the bucket itself, whose log would log itself")
        return self


class Build(Section):
    """`slipway:build`: how images are built."""

    builder: str | None = None
    """A buildx builder; else $BUILDX_BUILDER, else one of ours."""
    args: Mapping[str, str] = Field(default_factory=dict)
    """Build arguments for every image."""
    platforms: tuple[str, ...] = ()
    """Platforms, for instance linux/arm64; the builder's own if empty."""
    attest: bool | None = None
    """Attach BuildKit's provenance, which makes the image an index. If not given: to every image
    but those that a `target: lambda` service of any stack file uses, as Lambda takes no index.
    `attest` in an image.yaml goes before it."""
    sbom: str | None = Field(default=None, pattern=r"^[^\s,]+@sha256:[0-9a-f]{64}$")
    """A scanner image by digest, such as docker/buildkit-syft-scanner@sha256:…: its bill of
    materials is attached where provenance is."""
    secrets: Mapping[SecretId, SecretSource] = Field(default_factory=dict)
    """For `RUN --mount=type=secret,id=…` of the Dockerfiles, by id: env:NAME or file:PATH. Values
    are in no argv, state, key or log; another value alone builds nothing anew."""
    timeout: int = Field(default=1800, ge=1, le=86400)
    """Seconds that one build may take."""
    concurrency: int = Field(default=2, ge=1, le=64)
    """How many builds run at the same time."""


class Docker(Section):
    """`slipway:docker`: the engine that `target: docker` services run on."""

    host: str | None = Field(default=None, pattern=r"^(unix|tcp|ssh)://[^\s]+$")
    """Its address: unix://, tcp:// or ssh://; $DOCKER_HOST, else this machine's, if not given."""


class Scan(Section):
    """`slipway:scan`: what `slipway scan` refuses to let be deployed."""

    refuse: Severity = "CRITICAL"
    """The mildest severity that is refused: CRITICAL, HIGH, MEDIUM, LOW or INFORMATIONAL."""
    accept: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,99}$")], ...] = ()
    """Findings that are let through, by name, such as CVE-2024-3094: say why in a comment."""
    wait: int = Field(default=300, ge=0, le=3600)
    """Seconds that a scan which still runs is waited for."""


class Rollout(Section):
    """`slipway:rollout`: what becomes of services when one of them fails."""

    policy: Literal["independent", "together"] = "independent"
    """independent: each stands for itself. together: if one fails, all are put back."""
