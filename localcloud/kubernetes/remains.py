"""What a node leaves on the machine outside of its folder, and how it goes away again."""

import fcntl
import json
import os
import shutil
import time
from pathlib import Path

from localcloud.kubernetes.command import quietly, run
from localcloud.kubernetes.place import NodePlace
from localcloud.problem import CloudError

# cgroups, /var/lib/kubelet and these settings are the machine's: one node at a time.
_LOCK = Path("/run/slipway-kubernetes.lock")
_HOLDER = Path("/run/slipway-kubernetes.holder")
_SETTINGS = ("vm.overcommit_memory", "kernel.panic", "kernel.panic_on_oops")


def take(place: NodePlace) -> None:
    """Notes whose the machine is, and the settings that the kubelet will change.

    Raises CloudError if another node runs, or without the rights of root.
    """
    if os.getuid() != 0:
        raise CloudError("a Kubernetes node needs root: its pods have networks and cgroups")
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        holder = json.loads(_HOLDER.read_text()) if _HOLDER.exists() else None
        if holder and holder["folder"] != str(place.folder) and _lives(Path(holder["folder"])):
            raise CloudError(
                f"the node of {holder['folder']} runs, and a machine can have one; stop it: "
                f"python -m localcloud.kubernetes down --state {Path(holder['folder']).parent}"
            )
        before = {name: run("sysctl", "-n", name).strip() for name in _SETTINGS}
        namespaces = sorted(_pod_namespaces())
        _HOLDER.write_text(
            json.dumps({"folder": str(place.folder), "before": before, "netns": namespaces})
        )


def end_containers(place: NodePlace) -> None:
    """Ends every container and sandbox of the node's containerd."""
    ctr = ("ctr", "--address", str(place.socket), "--namespace", "k8s.io")
    if not place.socket.exists():
        return
    deadline = time.monotonic() + 10
    while tasks := quietly(*ctr, "tasks", "ls", "--quiet").split():
        for task in tasks:
            quietly(*ctr, "tasks", "kill", "--signal", "KILL", task)
            quietly(*ctr, "tasks", "rm", "--force", task)
        if time.monotonic() > deadline:
            raise CloudError(f"containers of the node don't end: {', '.join(tasks)}")
    for container in quietly(*ctr, "containers", "ls", "--quiet").split():
        quietly(*ctr, "containers", "rm", container)


def clear(place: NodePlace, *, purge: bool) -> None:
    """Unmounts, removes cgroups and namespaces of pods, puts the machine's settings back."""
    _unmount(place)
    if _HOLDER.exists() and json.loads(_HOLDER.read_text())["folder"] == str(place.folder):
        holder = json.loads(_HOLDER.read_text())
        for name in _pod_namespaces() - set(holder["netns"]):
            quietly("ip", "netns", "del", name)
        for name, value in holder["before"].items():
            run("sysctl", "-qw", f"{name}={value}")
        _remove_cgroups()
        for link in Path("/var/log/containers").glob("*"):
            if link.is_symlink() and str(place.folder) in os.readlink(link):
                link.unlink()
        _HOLDER.unlink()
    for folder in (place.runtime, place.shown):
        shutil.rmtree(folder, ignore_errors=True)
    if purge:
        shutil.rmtree(place.folder, ignore_errors=True)


def _lives(folder: Path) -> bool:
    for file in (folder / "pid").glob("*.mark"):
        pid = file.with_suffix("")
        if pid.exists() and Path(f"/proc/{pid.read_text().strip()}").exists():
            return True
    return False


def _unmount(place: NodePlace) -> None:
    ours = (f"{place.folder}/", f"{place.runtime}/")
    mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for point in sorted((each for each in mounted if each.startswith(ours)), reverse=True):
        quietly("umount", "--lazy", point)


def _pod_namespaces() -> set[str]:
    names = (line.split()[0] for line in quietly("ip", "netns", "list").splitlines() if line)
    return {name for name in names if name.startswith("cni-")}


def _remove_cgroups() -> None:
    for top in Path("/sys/fs/cgroup").glob("*/kubepods"):
        for folder, _, _ in os.walk(top, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                continue
