"""Starts and stops the node: every daemon in the node's network, each found again by pid file."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from localcloud import processes
from localcloud.kubernetes import authority, daemons, documents, network, remains
from localcloud.kubernetes.command import quietly, run
from localcloud.kubernetes.place import NodePlace
from localcloud.problem import CloudError

DAEMONS = (
    "relay",
    "containerd",
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
)
_START_SECONDS = 60.0


class Node:
    """One node of one cluster."""

    def __init__(self, place: NodePlace) -> None:
        """`place` says where its files lie."""
        self._place = place
        self._inside = ("nsenter", f"--net=/run/netns/{place.namespace}")

    def up(self, registry_port: int) -> str:
        """Starts it; gives the API's address. Pods can be made when this returns.

        `registry_port` is the local cloud's: inside the node it is the same port of loopback.
        Raises CloudError with the end of a daemon's log if it does not come up.
        """
        place = self._place
        remains.take(place)
        try:
            cable = self._lay_network()
            self._write_files(cable.node, registry_port)
            self._start_relay(registry_port)
            self._start_runtime()
            self._start_control_plane(cable.node)
            self._start_node(cable.node)
            self._show_to_machines()
        except BaseException:
            self.down()
            raise
        return f"https://{cable.node}:6443"

    def down(self, *, purge: bool = True) -> list[str]:
        """Stops what `up` has started and removes what it has made; the parts that ran."""
        stopped = [name for name in reversed(DAEMONS[2:]) if self._stop(name)]
        remains.end_containers(self._place)
        stopped += [name for name in reversed(DAEMONS[:2]) if self._stop(name)]
        network.cut(self._place.namespace, self._place.link)
        remains.clear(self._place, purge=purge)
        return stopped

    def status(self) -> dict[str, str]:
        """Each daemon with its process id, or `off`."""
        found = {name: processes.running(*self._known(name)) for name in DAEMONS}
        return {name: f"pid {pid}" if pid else "off" for name, pid in found.items()}

    def restart(self, name: str) -> None:
        """Kills one daemon and starts it again with the same words, and again if it ends at once:
        what a supervisor does after a crash. Raises CloudError if it does not stay."""
        pid_file, mark = self._known(name)
        words = (self._place.folder / "pid" / f"{name}.argv").read_text().split("\0")
        if not processes.crash(pid_file, mark):
            raise CloudError(f"{name} does not run")
        for _ in range(3):
            self._start(name, words)
            if processes.stays(*self._known(name)):
                return
        log = quietly("tail", "--lines=5", str(self._place.log_file(name)))
        raise CloudError(f"{name} does not stay up\n{log}")

    @property
    def address(self) -> str:
        """Where its published ports answer."""
        return (self._place.folder / "address").read_text()

    @property
    def kubeconfig(self) -> str:
        """What `microk8s config` prints."""
        return self._place.kubeconfig.read_text()

    def kubectl(self, *words: str, given: str | None = None) -> str:
        """What kubectl prints, with `given` as its input. Raises CloudError if it fails."""
        program = str(self._place.program("kubectl"))
        return run(program, f"--kubeconfig={self._place.kubeconfig}", *words, given=given)

    def _lay_network(self) -> network.Cable:
        place = self._place
        network.cut(place.namespace, place.link)
        cable = network.cable_of(place.place.label, run("ip", "-oneline", "addr", "show"))
        network.lay(place.namespace, place.link, cable)
        return cable

    def _write_files(self, address: str, registry_port: int) -> None:
        place = self._place
        for folder in ("log", "pid", "cni", "certs.d"):
            (place.folder / folder).mkdir(parents=True, exist_ok=True)
        place.runtime.mkdir(parents=True, exist_ok=True)
        (place.folder / "address").write_text(address)
        authority.make_keys(place.folder / "pki", address)
        (place.folder / "containerd.toml").write_text(documents.containerd(place))
        (place.folder / "cni" / "10-pods.conflist").write_text(documents.pod_network(place))
        (place.folder / "kubelet.yaml").write_text(documents.kubelet(place, address))
        host = f"127.0.0.1:{registry_port}"
        hosts = place.folder / "certs.d" / host / "hosts.toml"
        hosts.parent.mkdir(exist_ok=True)
        hosts.write_text(documents.registry_hosts(host))
        place.kubeconfig.touch(mode=0o600)
        keys = place.folder / "pki"
        config = documents.kubeconfig(
            f"https://{address}:6443",
            authority.authority_data(keys),
            authority.admin_token(keys),
            f"slipway-{place.place.label}",
        )
        place.kubeconfig.write_text(config)

    def _start_relay(self, port: int) -> None:
        module = "localcloud.kubernetes.relay"
        words = [sys.executable, "-m", module, self._place.namespace, str(port)]
        processes.start(words, *self._known("relay"), self._place.log_file("relay"), os.environ)

    def _start_runtime(self) -> None:
        place, ctr = self._place, ("ctr", "--address", str(self._place.socket))
        self._start("containerd", daemons.containerd(place))
        self._wait("containerd", lambda: run(*ctr, "version"))
        run(*ctr, "--namespace", "k8s.io", "images", "import", f"{place.parts}/pause.tar")
        self._start("etcd", daemons.etcd(place))

    def _start_control_plane(self, address: str) -> None:
        place = self._place
        self._start("kube-apiserver", daemons.api_server(place, address))
        self._wait("kube-apiserver", lambda: self.kubectl("get", "--raw", "/readyz"))
        self._start("kube-controller-manager", daemons.controller_manager(place))
        self._start("kube-scheduler", daemons.scheduler(place))

    def _start_node(self, address: str) -> None:
        place = self._place
        self._start("kubelet", daemons.kubelet(place, address))
        self._start("kube-proxy", daemons.proxy(place, address))
        ready = ("wait", "--for=condition=Ready", f"node/{daemons.NODE}", "--timeout=1s")
        self._wait("kubelet", lambda: self.kubectl(*ready))
        account = ("get", "serviceaccount", "default")
        self._wait("kube-controller-manager", lambda: self.kubectl(*account))

    def _show_to_machines(self) -> None:
        shown = self._place.shown
        shown.mkdir(parents=True, exist_ok=True)
        shutil.copy2(self._place.program("kubectl"), shown / "kubectl")
        # Last: `microk8s` on a machine takes it for the sign that there is a node.
        shutil.copy2(self._place.kubeconfig, shown / "kubeconfig")

    def _start(self, name: str, words: list[str]) -> None:
        place = self._place
        mark = daemons.mark(words)
        (place.folder / "pid" / f"{name}.mark").write_text(mark)
        (place.folder / "pid" / f"{name}.argv").write_text("\0".join(words))
        argv = [*self._inside, *words]
        processes.start(argv, place.pid_file(name), mark, place.log_file(name), os.environ)

    def _known(self, name: str) -> tuple[Path, str]:
        if name == "relay":
            return self._place.pid_file(name), self._place.namespace
        noted = self._place.folder / "pid" / f"{name}.mark"
        return self._place.pid_file(name), noted.read_text() if noted.exists() else "-"

    def _stop(self, name: str) -> bool:
        return processes.stop(*self._known(name))

    def _wait(self, name: str, answers: Callable[[], object]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                answers()
            except CloudError as problem:
                if processes.running(*self._known(name)) is None or time.monotonic() > deadline:
                    log = quietly("tail", "--lines=5", str(self._place.log_file(name)))
                    raise CloudError(f"{name} does not come up: {problem}\n{log}") from None
                time.sleep(0.1)
            else:
                return
