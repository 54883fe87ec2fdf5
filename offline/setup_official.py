"""Pulumi's own download server: whether it answers, and the command line tool from it."""

import platform
import shutil
import tarfile
import urllib.error
import urllib.request
from pathlib import Path, PurePosixPath

from offline.setup_error import SetupError

SERVER = "https://get.pulumi.com"
ANSWER_SECONDS = 5.0
STALL_SECONDS = 30.0


def archive_url(version: str, server: str = SERVER, machine: str = platform.machine()) -> str:
    """The address of the release for this machine."""
    kind = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(machine, machine)
    return f"{server}/releases/sdk/pulumi-v{version}-linux-{kind}.tar.gz"


def reachable(url: str, seconds: float = ANSWER_SECONDS) -> bool:
    """Whether a file is there for us, within `seconds`."""
    try:
        request = urllib.request.Request(url, method="HEAD")  # noqa: S310
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def install(url: str, folder: Path) -> None:
    """Unpacks the release's programs into a new folder, which appears when it is whole.

    Raises SetupError if the download breaks off.
    """
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        with (
            urllib.request.urlopen(url, timeout=STALL_SECONDS) as answer,  # noqa: S310
            tarfile.open(fileobj=answer, mode="r|gz") as archive,
        ):
            _unpack(archive, part)
    except (OSError, urllib.error.URLError, tarfile.TarError, EOFError) as error:
        raise SetupError(
            f"the download of {url} broke off ({error}); run `make setup` again"
        ) from None
    part.replace(folder)


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Takes the programs in pulumi/ and nothing else, whatever the archive holds."""
    for member in archive:
        path = PurePosixPath(member.name)
        content = archive.extractfile(member) if str(path.parent) == "pulumi" else None
        if content is not None:
            program = folder / path.name
            with program.open("wb") as file:
                shutil.copyfileobj(content, file)
            program.chmod(0o755)
