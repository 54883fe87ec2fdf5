"""One service of a Kubernetes cluster as the stack file writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from components.documents.grammar import check, check_port
from components.documents.kubernetes.cron import check_cron
from components.documents.secret_reference import check_variables

NODE_PORTS = range(30000, 32768)
"""What a cluster publishes on its nodes by default."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How many pods there are, by their use of CPU."""

    least: int
    """Pods that are always there."""
    most: int
    """Pods at the highest load."""
    cpu_percent: int = 70
    """Use of the requested CPU, in percent, that is aimed at."""

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.most:
            raise ValueError(f"scale {self.least} to {self.most}; allowed: 1 or more, least first")


@dataclass(frozen=True, kw_only=True)
class KubernetesServiceSpec:
    """What a cluster must know of one service. Raises `ValueError` for what it would refuse."""

    name: str
    """Name of the deployment and of all that belongs to it."""
    port: int | None = None
    """The port that the container listens on; None: it serves nothing."""
    publish: int | None = None
    """The node's port that leads to it, 30000 to 32767; None: inside of the cluster alone."""
    host: str | None = None
    """The name that the ingress leads to it; None: no ingress."""
    tls_secret: str | None = None
    """The secret with the ingress's certificate; None: HTTP."""
    health: str | None = None
    """The path that answers 2xx or 3xx when it can take requests; None: it runs."""
    replicas: int = 2
    """How many pods; without meaning where `scale` is given."""
    scale: Scale | None = None
    """The autoscaler's bounds: then it owns the number."""
    cpu: int = 100
    """Thousandths of a CPU that are kept for each pod."""
    memory: int = 256
    """MiB that each pod gets at most, and that are kept for it."""
    user: int = 65534
    """The user that the program runs as; root is refused by the namespace."""
    read_only: bool = True
    """Whether its root file system is read-only; /tmp can be written."""
    drain: int = 30
    """Seconds that requests under way have when a pod ends."""
    grace: int = 30
    """Seconds that it may take to start."""
    timeout: int = 120
    """Seconds until all pods of a new version must be ready."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain variables; never a secret."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Variables by `parameter:/path` or `secret:name`."""
    secret_versions: str = ""
    """The versions of what `secrets` refers to: another value is another secret, and new pods."""
    before: Sequence[str] = ()
    """A command of the same image that must succeed before the new version starts."""
    schedule: str | None = None
    """Five fields of cron, in UTC: it runs then, and nothing serves."""
    open_to: Sequence[str] = ()
    """Other services of the namespace that may reach it; the ingress and the nodes always may."""

    def __post_init__(self) -> None:
        check("service", self.name)
        check_variables(self.environment, self.secrets)
        if self.health is not None:
            check("health path", self.health)
        for port in filter(None, (self.port, self.publish)):
            check_port(port)
        if self.publish is not None and self.publish not in NODE_PORTS:
            raise ValueError(f"publish {self.publish}; allowed: 30000 to 32767, a node's own ports")
        self._check_shape()

    def _check_shape(self) -> None:
        needs_port = {"publish": self.publish, "host": self.host, "health": self.health}
        for key, value in needs_port.items():
            if value is not None and self.port is None:
                raise ValueError(f"`{key}` needs `port`, the port that the container listens on")
        if self.user == 0:
            raise ValueError("user 0 is root, which the namespace refuses; allowed: 1 or higher")
        if self.replicas < 1:
            raise ValueError(f"replicas {self.replicas}; allowed: 1 or more")
        if self.schedule is not None:
            check_cron(self.schedule)
            if self.port is not None or self.before or self.scale:
                raise ValueError(
                    "what has a `schedule` serves nothing: remove `port`, `before` and `scale`"
                )

    @property
    def labels(self) -> dict[str, str]:
        """What its pods are found by; they never change."""
        return {"app.kubernetes.io/name": self.name, "app.kubernetes.io/managed-by": "slipway"}
