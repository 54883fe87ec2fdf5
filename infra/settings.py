"""The stack file as one frozen model: every key, its default, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from infra.ci_section import Ci
from infra.env_file import Said
from infra.events_section import Events
from infra.host_section import Ecs, Host, Logs, refuse_alone
from infra.kubernetes_section import Kubernetes
from infra.problems_of import AWS_KEYS, RESERVED, describe
from infra.release_section import GitHub, Release, Section
from infra.sections import Build, Bundles, Docker, Registry, Rollout, Scan
from infra.service_sections import Service
from release.names import is_movable
from release.versions import check_version


def _decoded(value: Any) -> Any:
    """Pulumi hands objects and lists of the stack file over as JSON text."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


ServiceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")]


class Settings(Section):
    """Everything that a stack file says, checked."""

    project: str
    stack: str
    said: Mapping[str, Said] = Field(default_factory=dict)
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
    source: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$")
    """For one update: the record, snapshot name or commit whose images are deployed."""
    bump: Literal["patch", "minor", "major"] | None = None
    """For one update: how versions of new content are counted up, instead of by messages."""
    all: bool = False
    """For one update: every service is deployed again, also when nothing changed."""
    cleanup: bool | None = None
    """For one update: whether local images go after a release; else `release.cleanup`."""
    protected: bool = False
    """Clean tree, version required, no `latest*`, and Pulumi's `protect` on what holds data."""
    release: Release = Release()
    registry: Registry = Registry()
    bundles: Bundles
    host: Host | None = None
    build: Build = Build()
    docker: Docker = Docker()
    ecs: Ecs = Ecs()
    kubernetes: Kubernetes = Kubernetes()
    kubeconfig: str | None = Field(default=None, repr=False)
    """With `kubernetes.delivery: api`: the text of `microk8s config`. The only setting that is a
    secret: `microk8s config | pulumi config set --secret slipway:kubeconfig`."""
    logs: Logs = Logs()
    rollout: Rollout = Rollout()
    scan: Scan = Scan()
    github: GitHub | None = None
    events: Events | None = None
    ci: Ci | None = None
    services: Mapping[ServiceName, Service] = Field(default_factory=dict)

    @field_validator("version")
    @classmethod
    def _a_version(cls, version: str | None) -> str | None:
        return None if version is None else check_version(version)

    @field_validator("endpoints", mode="before")
    @classmethod
    def _as_one_mapping(cls, blocks: Any) -> Any:
        if not isinstance(blocks, list) or not all(isinstance(one, Mapping) for one in blocks):
            raise ValueError(
                "a list of mappings, as Pulumi's AWS provider wants it: "
                '`[{s3: "http://127.0.0.1:4566"}]`'
            )
        return {service: address for block in blocks for service, address in block.items()}

    @field_validator("kubeconfig", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        # Written as JSON, or as Pulumi has encrypted it, where a command reads the stack file.
        return json.dumps(value) if isinstance(value, Mapping) else value

    @model_validator(mode="after")
    def _one_kubeconfig(self) -> Settings:
        used = any(each.target == "microk8s" for each in self.services.values())
        if refusal := self.kubernetes.refusal(self.kubeconfig, used=used):
            raise ValueError(refusal)
        return self

    @model_validator(mode="after")
    def _together(self) -> Settings:
        if self.host is None and any(each.target == "host" for each in self.services.values()):
            raise ValueError("services with `target: host` need `host`: say where they run")
        kubernetes = any(each.target == "microk8s" for each in self.services.values())
        if self.host is None and kubernetes and self.kubernetes.delivery == "ssm":
            raise ValueError(
                "services with `target: microk8s` need `host`, the machine whose MicroK8s runs "
                "them; or `kubernetes: {delivery: api}`"
            )
        if self.host is not None and self.rollout.policy == "together":
            refuse_alone(self.host)
        if self.protected and any(is_movable(name) for name in self.release.names):
            raise ValueError("`latest*` names move, and a protected stack has none: remove them")
        if self.release.version_from == "registry" and self.version:
            raise ValueError(
                f"`version` {self.version!r} is given, but `release.version_from: registry` makes "
                "versions itself: say `bump` to choose the next one, or remove `version`"
            )
        if self.access_key and not self.endpoints:
            raise ValueError("aws:accessKey belongs to a local cloud; use aws:profile for AWS")
        return self


def read_settings(
    project: str,
    stack: str,
    config: Mapping[str, str],
    said: Mapping[str, Said] | None = None,
) -> Settings:
    """The settings from a stack's configuration (`namespace:key` to its text).

    `said`: who says what account, region and profile are. Raises `ValueError` with all problems at
    once, each by its key.
    """
    own = {k.split(":", 1)[1]: v for k, v in config.items() if k.startswith(f"{project}:")}
    values: dict[str, Any] = {key: _decoded(value) for key, value in own.items()}
    stray = {*RESERVED, *AWS_KEYS} & set(values)
    for key in stray:
        values[f"{key} "] = values.pop(key)
    values |= {"project": project, "stack": stack, "region": config.get("aws:region", "")}
    values["said"] = dict(said or {})
    values["profile"] = config.get("aws:profile")
    values["access_key"] = config.get("aws:accessKey")
    values["secret_key"] = config.get("aws:secretKey")
    values["endpoints"] = _decoded(config.get("aws:endpoints", "[]"))
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise ValueError(describe(error, project, stack, Settings)) from None
