"""The root file systems of the local cloud: base.tar for builds, machine.tar for hosts."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from offline import images_docker
from offline.images_aws_cli import AWS_CLI, put_aws_cli
from offline.setup_place import cache_folder, find_program
from offline.setup_run import Word, run

SUITE = "bookworm"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
LEFT_OUT = ("./var/cache/apt/*", "./var/lib/apt/lists/*", "./proc/*", "./sys/*", "./tmp/*")


@dataclass(frozen=True)
class Image:
    """A root file system made of Debian packages."""

    name: str
    packages: tuple[str, ...]
    aws_cli: bool = False

    @property
    def recipe(self) -> str:
        words = (SUITE, *self.packages, AWS_CLI if self.aws_cli else "")
        return hashlib.sha256(" ".join(words).encode()).hexdigest()


BASE = Image("base", ("ca-certificates", "python3"))
MACHINE = Image(
    "machine",
    (
        "ca-certificates",
        "curl",
        "dbus",
        "docker.io",
        "iproute2",
        "iptables",
        "nginx-light",
        "procps",
        "python3",
        "systemd",
        "systemd-sysv",
        "unzip",
    ),
    aws_cli=True,
)


def archive(image: Image) -> Path:
    """The tar file of an image in the cache."""
    return cache_folder() / "images" / f"{image.name}.tar"


def is_made(image: Image) -> bool:
    """Whether the tar file is there and made by the recipe of today."""
    note = archive(image).with_suffix(".recipe")
    return archive(image).exists() and note.exists() and note.read_text() == image.recipe


def make(image: Image) -> str:
    """Makes the tar file if it is missing or of an older recipe; says how, in a few words."""
    if is_made(image):
        return "in the cache"
    target = archive(image)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".tar.part")
    logs = cache_folder() / "logs"
    if os.getuid() == 0 and find_program("debootstrap") and KEYRING.exists():
        how = "by debootstrap"
        _debootstrap(image, part, logs)
    else:
        how = "from the image of Debian"
        images_docker.make(image.name, image.packages, image.aws_cli, SUITE, part, logs)
    part.replace(target)
    target.with_suffix(".recipe").write_text(image.recipe)
    return how


def _debootstrap(image: Image, part: Path, logs: Path) -> None:
    root = part.with_suffix(".root")
    remove_root(root)
    run(
        f"packages of {image.name}",
        [
            find_program("debootstrap") or "debootstrap",
            "--variant=minbase",
            f"--include={','.join(image.packages)}",
            SUITE,
            root,
        ],
        logs / f"image-{image.name}.log",
    )
    if image.aws_cli:
        put_aws_cli(root, logs)
    forget_this_machine(root)
    leave_out = [f"--exclude={each}" for each in LEFT_OUT]
    words: list[Word] = ["--numeric-owner", "--sort=name", *leave_out, "-C", root, "-cf", part, "."]
    run(f"{image.name}.tar", ["tar", *words], logs / f"tar-{image.name}.log")
    remove_root(root)


def forget_this_machine(root: Path) -> None:
    """Empties the files in which debootstrap copies or makes what is this machine's own."""
    for name in ("etc/resolv.conf", "etc/machine-id"):
        (root / name).write_text("")
    (root / "etc/hostname").unlink(missing_ok=True)


def remove_root(root: Path, mounts: Path = Path("/proc/self/mounts")) -> None:
    """Removes a root that a broken run left; what that run had mounted in it is unmounted first."""
    targets = [line.split()[1] for line in mounts.read_text().splitlines()]
    for target in sorted(
        (each for each in targets if Path(each).is_relative_to(root)), reverse=True
    ):
        run("unmount", ["umount", target], cache_folder() / "logs" / "umount.log")
    if root.exists():
        shutil.rmtree(root)
