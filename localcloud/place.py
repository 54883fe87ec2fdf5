"""Where one local cloud keeps its files, and what its containers are called."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

CLOUD_PORT = 4566
REGISTRY_PORT = 4510


def default_state() -> Path:
    """The state folder: `$SLIPWAY_STATE`, else `.slipway` beside this package."""
    named = os.environ.get("SLIPWAY_STATE")
    return Path(named) if named else Path(__file__).resolve().parent.parent / ".slipway"


def default_images() -> Path:
    """The folder that set-up puts base.tar and machine.tar into."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    cache = os.environ.get("SLIPWAY_CACHE") or f"{home}/slipway"
    return Path(cache) / "images"


@dataclass(frozen=True)
class Place:
    """The files of one local cloud; two clouds with different state folders share nothing."""

    state: Path

    @classmethod
    def of(cls, state: Path | None) -> "Place":
        """The place of a state folder; without one, of the default state folder."""
        return cls((state or default_state()).resolve())

    @property
    def label(self) -> str:
        """Ten hex digits that name this cloud's containers and volumes."""
        return hashlib.sha256(str(self.state).encode()).hexdigest()[:10]

    @property
    def folder(self) -> Path:
        """Logs, pid files and the registry's storage."""
        return self.state / "localcloud"

    @property
    def sockets(self) -> Path:
        """A folder with a path so short that its unix sockets stay below 108 bytes."""
        if os.access("/run", os.W_OK):
            return Path(f"/run/slipway-{self.label}")
        user = os.environ.get("XDG_RUNTIME_DIR") or "/tmp"  # noqa: S108
        return Path(user) / f"slipway-{os.getuid()}-{self.label}"

    @property
    def shared_sockets(self) -> Path:
        """The sockets that every machine sees: api.sock and registry.sock."""
        return self.sockets / "shared"

    def machine_sockets(self, instance: str) -> Path:
        """The sockets that only one machine sees: imds.sock."""
        return self.sockets / instance

    def machine_steps(self, instance: str) -> Path:
        """What the SSM agent of one machine writes down."""
        return self.folder / "steps" / instance

    def pid_file(self, part: str) -> Path:
        """The file that holds the process id of `part` (cloud or registry)."""
        return self.folder / f"{part}.pid"

    def log_file(self, part: str) -> Path:
        """The file that `part` writes its output to."""
        return self.folder / f"{part}.log"

    @property
    def calls_file(self) -> Path:
        """A line of JSON for every call: who, IAM action, resource, allowed or not."""
        return self.folder / "calls.jsonl"

    @property
    def endpoints_file(self) -> Path:
        """JSON written when the server is ready: its ports."""
        return self.folder / "endpoints.json"

    @property
    def registry_storage(self) -> Path:
        """The registry's blobs; a fresh server empties it but keeps the base image."""
        return self.folder / "registry"
