"""`slipway:kubernetes` and `target: microk8s`: the cluster, and what runs on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from infra.release_section import Section
from infra.service_base import BaseService, Path, Port, Reference

HOW = "microk8s config | pulumi config set --secret slipway:kubeconfig"
"""How a kubeconfig gets into a stack file."""
ServiceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")]


class Kubernetes(Section):
    """`slipway:kubernetes`: the cluster that `target: microk8s` services run on."""

    delivery: Literal["ssm", "api"] = "ssm"
    """ssm: the host's own `microk8s kubectl` applies what it is told through SSM, and the API's
    port stays closed. api: this machine speaks to the cluster's API."""
    namespace: str | None = Field(default=None, pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
    """Where all of the stack is; the stack's name if not given."""
    kubeconfig: str | None = Field(default=None, pattern=r"^[^\n]{1,1024}$")
    """With `delivery: api`: path of a kubeconfig, absolute, from ~ or from the folder of
    Pulumi.yaml; the text in the secret `slipway:kubeconfig` if not given."""
    cluster: str | None = Field(default=None, pattern=r"^[0-9a-f-]{36}$")
    """With `delivery: api`: the cluster that the stack belongs to, as uid of its namespace
    kube-system; any other is refused before anything is done. If not given, it is the one of the
    first update: say it to move to another."""

    @field_validator("namespace")
    @classmethod
    def _of_ours(cls, namespace: str | None) -> str | None:
        if namespace is not None and (namespace == "default" or namespace.startswith("kube-")):
            raise ValueError("the cluster's own; allowed: a namespace that this stack can make")
        return namespace

    @model_validator(mode="after")
    def _of_its_delivery(self) -> Kubernetes:
        if self.delivery != "api" and (self.kubeconfig or self.cluster):
            raise ValueError(
                "`kubeconfig` and `cluster` are for `delivery: api`: say that, or remove them"
            )
        return self

    def refusal(self, text: str | None, *, used: bool) -> str | None:
        """What is wrong between this section and the secret `slipway:kubeconfig`.

        `used` is whether the stack has services with `target: microk8s`.
        """
        if text and self.delivery != "api":
            return (
                "`kubeconfig` is for `kubernetes: {delivery: api}`: say that, or: "
                "pulumi config rm slipway:kubeconfig"
            )
        if text and self.kubeconfig:
            return (
                "`kubeconfig` is given twice, as a secret and as the path in `kubernetes`: remove "
                "one of them"
            )
        if used and self.delivery == "api" and not (text or self.kubeconfig):
            return f"services with `target: microk8s` and `delivery: api` need `kubeconfig`: {HOW}"
        return None


class ScaleSection(Section):
    """`scale` of a MicroK8s service: as many pods as their use of CPU asks for."""

    least: int = Field(ge=1, le=1000)
    """Pods that are always there."""
    most: int = Field(ge=1, le=1000)
    """Pods at the highest load."""
    cpu_percent: int = Field(default=70, ge=1, le=100)
    """Use of the requested CPU, in percent, that is aimed at."""


class MicroK8sServiceSection(BaseService):
    """`target: microk8s`: a deployment of a Kubernetes cluster, or a scheduled task."""

    target: Literal["microk8s"]
    """microk8s"""
    port: Port | None = None
    """The port that the container listens on; none if it serves nothing."""
    publish: int | None = Field(default=None, ge=30000, le=32767)
    """The node's port that leads to it, 30000 to 32767; none if not given."""
    host: str | None = Field(default=None, max_length=253, pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")
    """The name by which the cluster's ingress controller leads to it; no ingress if not given."""
    tls_secret: str | None = Field(default=None, pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")
    """With `host`: the secret of the namespace that has its certificate; HTTP if not given."""
    health: Path | None = None
    """The path that answers 2xx or 3xx when it can take requests; that its port is open, if not
    given."""
    replicas: int = Field(default=2, ge=1, le=1000)
    """How many pods; `scale` replaces it."""
    scale: ScaleSection | None = None
    """Bounds for the cluster's autoscaler, which then owns the number. It needs MicroK8s' addon
    metrics-server."""
    cpu: int = Field(default=100, ge=1, le=64000)
    """Thousandths of a CPU that are kept for each pod; there is no limit."""
    memory: int = Field(default=256, ge=4)
    """MiB that are kept for each pod, and that it gets at most."""
    user: int = Field(default=65534, ge=1)
    """Number of the user that the program runs as; the namespace refuses root."""
    read_only: bool = True
    """Whether the container's root file system is read-only; /tmp can be written."""
    drain: int = Field(default=30, ge=0, le=600)
    """Seconds that requests under way have when a pod ends."""
    grace: int = Field(default=30, ge=1, le=600)
    """Seconds that a pod may take to start."""
    timeout: int = Field(default=120, ge=5, le=3600)
    """Seconds for `before` and until all pods of the new version are ready."""
    secrets: Mapping[str, Reference] = Field(default_factory=dict)
    """Variables whose values come from `parameter:/path` or `secret:name`."""
    before: tuple[str, ...] = ()
    """A command of the same image that must succeed before the new version starts: a migration."""
    schedule: str | None = None
    """Five fields of cron, in UTC: a task that runs then, and nothing that serves."""
    open_to: tuple[ServiceName, ...] = ()
    """Other services of the stack's cluster that may reach it, if it is neither published nor
    behind an ingress."""

    @model_validator(mode="after")
    def _whole(self) -> MicroK8sServiceSection:
        if self.tls_secret and not self.host:
            raise ValueError("`tls_secret` is the certificate of `host`: say that too")
        if self.scale and "replicas" in self.model_fields_set:
            raise ValueError("`scale` owns the number of pods: remove `replicas`")
        return self
