"""Where the files of a node lie, and what its network is called."""

import os
from dataclasses import dataclass
from pathlib import Path

from localcloud.place import Place
from localcloud.problem import CloudError

DEBIAN_PLUGINS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))


def default_parts() -> Path:
    """The newest complete folder that set-up has made; raises CloudError if there is none."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    cache = Path(os.environ.get("SLIPWAY_CACHE") or f"{home}/slipway")
    made = sorted(cache.glob("kubernetes-*/complete"), key=lambda each: each.stat().st_mtime)
    if not made:
        raise CloudError(f"no Kubernetes in {cache}; run `make setup-kubernetes`")
    return made[-1].parent


@dataclass(frozen=True, kw_only=True)
class NodePlace:
    """The files of one node."""

    place: Place
    """The local cloud that it belongs to."""
    parts: Path
    """The folder of programs that set-up has made."""

    @property
    def folder(self) -> Path:
        """All that the node writes."""
        return self.place.state / "kubernetes"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's, as `microk8s config` prints it."""
        return self.folder / "kubeconfig"

    @property
    def runtime(self) -> Path:
        """A short path, for sockets."""
        return self.place.sockets / "kubernetes"

    @property
    def shown(self) -> Path:
        """What the cloud's machines see of it: behind their `microk8s`."""
        return self.place.shared_sockets / "microk8s"

    @property
    def socket(self) -> Path:
        """Where containerd listens."""
        return self.runtime / "containerd.sock"

    @property
    def namespace(self) -> str:
        """The name of its network namespace."""
        return f"slipway-{self.place.label}"

    @property
    def link(self) -> str:
        """This machine's end of the cable to it; at most 15 characters."""
        return f"slk-{self.place.label}"

    def program(self, name: str) -> Path:
        """One of Kubernetes' own programs."""
        return self.parts / "bin" / name

    @property
    def etcd(self) -> Path:
        """etcd: the machine's, else the unpacked one."""
        unpacked = self.parts / "debian" / "usr" / "bin" / "etcd"
        own = Path("/usr/bin/etcd")
        return own if own.exists() else unpacked

    @property
    def plugins(self) -> Path:
        """The folder of network plugins."""
        unpacked = self.parts / "debian" / "usr" / "lib" / "cni"
        return next((each for each in DEBIAN_PLUGINS if (each / "bridge").exists()), unpacked)

    def pid_file(self, name: str) -> Path:
        """Process id of one daemon."""
        return self.folder / "pid" / name

    def log_file(self, name: str) -> Path:
        """Output of one daemon."""
        return self.folder / "log" / f"{name}.log"
