"""Where things lie: this project, the cache of toolchains, the state of one local cloud."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from offline.setup_error import SetupError

PROJECT = Path(__file__).resolve().parent.parent
# A user's PATH often lacks the folders of daemons.
DAEMON_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"


def cache_folder() -> Path:
    """The user's folder of toolchains and images, shared by all clones."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("SLIPWAY_CACHE") or Path(base, "slipway"))


def state_folder() -> Path:
    """The folder of one running local cloud."""
    return Path(os.environ.get("SLIPWAY_STATE") or PROJECT / ".slipway")


def find_program(name: str) -> Path | None:
    """A program on PATH, among the daemons, or in the cache, in this order."""
    path = f"{os.environ.get('PATH', os.defpath)}:{DAEMON_FOLDERS}:{cache_folder() / 'bin'}"
    found = shutil.which(name, path=path)
    return Path(found) if found else None


@dataclass(frozen=True)
class State:
    """The files of one local cloud's Docker engine and builder.

    Sockets lie in `runtime`, a short path, because a unix socket's path has at most 107 bytes.
    """

    folder: Path
    runtime: Path

    @property
    def docker_host(self) -> str:
        return f"unix://{self.runtime}/docker.sock"

    @property
    def builder_address(self) -> str:
        return f"unix://{self.runtime}/buildkit.sock"

    @property
    def builder_node(self) -> str:
        return self.runtime.name

    @property
    def env_file(self) -> Path:
        return self.folder / "engine.env"


def state_at(folder: Path) -> State:
    """The state kept in a folder; makes nothing."""
    folder = folder.absolute()
    mark = hashlib.sha256(str(folder).encode()).hexdigest()[:8]
    if os.getuid() == 0:
        return State(folder, Path(f"/run/slipway-{mark}"))
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return State(folder, Path(base, f"slipway-{os.getuid()}-{mark}"))


def make_folders(state: State) -> None:
    """Makes the folders; raises SetupError if somebody else owns the one of the sockets."""
    try:
        state.folder.mkdir(parents=True, exist_ok=True)
        state.runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"can't make {error.filename}: {error.strerror}") from None
    if state.runtime.stat().st_uid != os.getuid():
        raise SetupError(
            f"{state.runtime} belongs to another user; remove it, or set XDG_RUNTIME_DIR to a "
            "folder of yours"
        )
