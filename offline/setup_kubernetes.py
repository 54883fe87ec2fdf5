"""`python -m offline.setup_kubernetes`: what a real Kubernetes node is made of, idempotent.

Kubernetes itself is built (about 5 minutes on 2 cores, 0.5 GB), etcd and the network plugins are
the machine's own, else Debian's packages, unpacked into the cache: installing etcd would start one.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from hashlib import sha256
from pathlib import Path

from offline.setup_build import KUBECONFORM, cached, go_program
from offline.setup_error import SetupError, guarded
from offline.setup_pins import TOOLS, go_module_version
from offline.setup_place import cache_folder, find_program
from offline.setup_run import Word, fetch, run

NODE_PROGRAMS = ("containerd", "runc", "ip", "iptables", "nsenter")
PACKAGES = ("etcd-server", "containernetworking-plugins")
PAUSE_IMAGE = "docker.io/slipway/pause:1"


def version() -> str:
    """The version of Kubernetes, without its v."""
    return go_module_version(TOOLS / "kubernetes", "k8s.io/kubernetes")


def folder() -> Path:
    """Where all of it lies."""
    return cache_folder() / f"kubernetes-{version()}"


def install() -> str:
    """Makes sure of every part; says how in a few words. Raises SetupError."""
    missing = [name for name in NODE_PROGRAMS if find_program(name) is None]
    if missing:
        raise SetupError(
            f"not installed: {', '.join(missing)}; a Kubernetes node needs them: install "
            "containerd, runc, iproute2, iptables and util-linux"
        )
    if (folder() / "complete").exists():
        return f"{version()}, in the cache"
    folder().mkdir(parents=True, exist_ok=True)
    _build(folder() / "bin")
    _unpack_packages(folder() / "debian")
    (folder() / "pause.tar").write_bytes(pause_image(_build_pause()))
    (folder() / "complete").touch()
    return f"{version()}, built"


def pause_image(program: bytes) -> bytes:
    """An image archive as `docker save` writes it, of one static program and nothing else."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        _add(tar, "pause", program, 0o755)
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": ["/pause"]},
        "rootfs": {
            "type": "layers",
            "diff_ids": [f"sha256:{sha256(layer.getvalue()).hexdigest()}"],
        },
    }
    manifest = [{"Config": "config.json", "RepoTags": [PAUSE_IMAGE], "Layers": ["layer.tar"]}]
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        _add(tar, "layer.tar", layer.getvalue())
        _add(tar, "config.json", json.dumps(config).encode())
        _add(tar, "manifest.json", json.dumps(manifest).encode())
    return archive.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def _build(target: Path) -> None:
    target.mkdir(exist_ok=True)
    numbers = version().split(".")
    variable = "k8s.io/component-base/version"
    stamps = {"gitVersion": f"v{version()}", "gitMajor": numbers[0], "gitMinor": numbers[1]}
    stamp = " ".join(f"-X {variable}.{name}={value}" for name, value in stamps.items())
    argv: list[Word] = [go_program(), "build", "-v", "-ldflags", f"-s -w {stamp}"]
    _go(f"build of Kubernetes {version()}", [*argv, "-o", f"{target}/", "tool"], "kubernetes")


def _build_pause() -> bytes:
    target = folder() / "pause"
    argv: list[Word] = [go_program(), "build", "-trimpath", "-ldflags", "-s -w", "-o", target, "."]
    _go("build of pause", argv, "pause")
    return target.read_bytes()


def _go(what: str, argv: list[Word], module: str) -> None:
    env = {"CGO_ENABLED": "0", "GOFLAGS": "", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    log = cache_folder() / "logs" / f"build-{module}.log"
    fetch(what, argv, log, env=env, cwd=TOOLS / module)


def _unpack_packages(target: Path) -> None:
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if apt is None or dpkg is None:
        if _has_all(target):
            return
        raise SetupError("not installed: etcd and the CNI plugins; install them, or use Debian")
    part = folder() / "packages"
    part.mkdir(exist_ok=True)
    log = cache_folder() / "logs" / "kubernetes-packages.log"
    fetch("Debian packages", [apt, "download", *PACKAGES], log, cwd=part)
    for package in sorted(part.glob("*.deb")):
        run(f"unpacking {package.name}", [dpkg, "--extract", package, target], log)
    shutil.rmtree(part)
    if not _has_all(target):
        raise SetupError(f"{', '.join(PACKAGES)} hold no etcd or no bridge plugin; see {log}")


def _has_all(target: Path) -> bool:
    return etcd(target) is not None and plugins(target) is not None


def etcd(target: Path | None = None) -> Path | None:
    """The program etcd: the machine's, else the unpacked one."""
    unpacked = (target or folder() / "debian") / "usr" / "bin" / "etcd"
    return find_program("etcd") or (unpacked if os.access(unpacked, os.X_OK) else None)


def plugins(target: Path | None = None) -> Path | None:
    """The folder of the network plugins: the machine's, else the unpacked one."""
    unpacked = (target or folder() / "debian") / "usr" / "lib" / "cni"
    places = (Path("/usr/lib/cni"), Path("/opt/cni/bin"), unpacked)
    return next((each for each in places if (each / "bridge").exists()), None)


def main(words: list[str] | None = None) -> int:
    """Exit code 0 once everything is there."""
    if words or sys.argv[1:]:
        raise SetupError("python -m offline.setup_kubernetes takes no words")
    started = time.monotonic()
    for name, how in (("kubernetes", install), ("kubeconform", lambda: cached(KUBECONFORM))):
        print(f"  {name:<16} {how():<52} {time.monotonic() - started:6.1f} s", flush=True)
    checked = subprocess.run(  # noqa: S603
        [str(folder() / "bin" / "kubectl"), "version", "--client"], capture_output=True, text=True
    )
    if version() not in checked.stdout:
        raise SetupError(f"kubectl says {checked.stdout.strip() or checked.stderr.strip()}")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
