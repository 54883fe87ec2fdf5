"""The sections of the stack file about machines, clusters and logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from components.documents.log_retention import RETENTIONS
from infra.release_section import Section
from infra.sections import KmsKey
from release.waves import check_concurrency, check_errors

# A number of YAML is one too.
Share = Annotated[str, BeforeValidator(lambda said: str(said) if type(said) is int else said)]


class Logs(Section):
    """`slipway:logs`: what all logs of a stack have in common."""

    key: KmsKey | None = None
    """ARN of a KMS key for the logs and for the environment of functions; else AWS's own
    encryption. Its policy must let CloudWatch Logs and Lambda use it."""


class Ecs(Section):
    """`slipway:ecs`: the cluster of a stack's own."""

    insights: bool = False
    """Whether it has Container Insights, whose metrics CloudWatch charges for; false: as the
    account's own setting says."""


class Sessions(Section):
    """`sessions` of the host: what is typed in Session Manager is logged, for the account."""

    create: bool = True
    """Whether this stack owns the preferences SSM-SessionManagerRunShell and their log; false:
    another stack of the account does, and the machine may write to that."""
    retention_days: int = 365
    """Days that sessions are kept."""
    key: KmsKey | None = None
    """ARN of a KMS key that encrypts sessions and their log; else TLS and CloudWatch's own."""

    @field_validator("retention_days")
    @classmethod
    def _as_long_as_cloudwatch_can(cls, days: int) -> int:
        if days not in RETENTIONS:
            raise ValueError(f"allowed: {', '.join(map(str, RETENTIONS))}")
        return days


class Host(Section):
    """`slipway:host`: the EC2 machines that `target: host` services run on."""

    create: bool = False
    """Whether this stack owns one machine; false: machines are found by their tags."""
    instances: Mapping[str, str] | None = None
    """Which machines there are, as `tag: name=value`, when they are not created here."""
    instance_type: str = "t3.small"
    """EC2 instance type of a created machine."""
    kubernetes: bool = False
    """Whether MicroK8s is installed on a created machine: the snap of a pinned channel, with its
    addons dns, ingress and metrics-server. It wants 4 GiB of memory, as `t3.medium` has."""
    volume_gib: int = Field(default=20, ge=8, le=16384)
    """Size of its encrypted root volume, GiB."""
    subnet: str | None = Field(default=None, pattern=r"^subnet-[0-9a-f]+$")
    """Its subnet; the default network's if not given."""
    public_address: bool | None = None
    """Whether it gets a public address; if not given, only in the default network, which has no
    other way out."""
    sessions: Sessions | None = None
    """How Session Manager's sessions are logged; the account's own preferences if not given."""
    open_to: tuple[str, ...] = ()
    """CIDR blocks that may reach the published ports."""
    concurrency: Share = "25%"
    """How many machines of a fleet switch at once: a number, or a percentage of them (rounded
    down, but one at least). The next ones are begun when these run the new version."""
    errors: Share = "0"
    """How many machines of a fleet may fail before the rest is not begun: a number, or a
    percentage (rounded down). The update fails in any case; within this number the others keep the
    new version."""
    on_failure: Literal["put-back", "hold"] = "put-back"
    """What becomes of machines that had switched when more fail than may. put-back: they get back
    what they ran. hold: they keep the new version, until somebody decides."""
    log_days: int = 30
    """Days that CloudWatch keeps what deploys print on the machines."""

    @field_validator("log_days")
    @classmethod
    def _days_that_cloudwatch_knows(cls, days: int) -> int:
        if days not in RETENTIONS:
            raise ValueError(f"allowed: {', '.join(map(str, RETENTIONS))}")
        return days

    @field_validator("concurrency")
    @classmethod
    def _some_at_once(cls, said: str) -> str:
        return check_concurrency(said)

    @field_validator("errors")
    @classmethod
    def _some_may_fail(cls, said: str) -> str:
        return check_errors(said)

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
        if self.kubernetes and not self.create:
            raise ValueError(
                "`kubernetes: true` installs MicroK8s on a machine that is made here: say "
                "`create: true`, or install it yourself: sudo snap install microk8s --classic"
            )
        return self


def refuse_alone(host: Host) -> None:
    """Raise `ValueError` for a fleet that keeps a failed version where all services of the stack
    are put back together."""
    if host.on_failure == "hold" or host.errors not in ("0", "0%"):
        raise ValueError(
            "`rollout.policy: together` puts every service back, and `host.on_failure: hold` or "
            "`host.errors` above 0 keeps a failed one on some machines: choose one of both"
        )
