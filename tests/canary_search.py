"""Looks for values in bytes: plain, hexadecimal and base64, also inside gzip and zstd."""

from __future__ import annotations

import base64
import gzip
import os
import subprocess
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

GZIP, ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"


def forms(value: str) -> list[bytes]:
    """The value as it may be written; of base64 what is the same wherever in a text it began."""
    plain = value.encode()
    found = [plain, plain[::-1], plain.hex().encode(), plain.hex().upper().encode()]
    for before in range(3):
        text = base64.b64encode(b"\0" * before + plain)
        # The first and the last letters also hold bits of what stands around the value.
        found.append(text[-(-before * 8 // 6) :][: (len(plain) * 8 - 10) // 6])
    return found


def found_in(data: bytes, values: Mapping[str, str]) -> set[str]:
    """The names of the values that are in the bytes, packed ones unpacked."""
    whole = data
    if data[:3] == GZIP:
        with suppress(OSError, EOFError, zlib.error):  # it may only begin like one
            whole += gzip.decompress(data)
    elif data[:4] == ZSTD:
        whole += _unzstd(data)
    return {name for name, value in values.items() if any(form in whole for form in forms(value))}


def found_below(
    folder: Path, values: Mapping[str, str], *, left_out: Iterable[str] = ()
) -> dict[str, set[str]]:
    """By name of a value, the files below the folder that hold it.

    `left_out` are the ends of paths of files and folders that are not looked into.
    """
    found: dict[str, set[str]] = {}
    for path in _files(folder, tuple(left_out)):
        try:
            data = path.read_bytes()
        except OSError:
            continue  # gone meanwhile
        for name in found_in(data, values):
            found.setdefault(name, set()).add(str(path))
    return found


def _files(folder: Path, left_out: tuple[str, ...]) -> Iterator[Path]:
    for top, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if not f"{top}/{each}".endswith(left_out or ("\n",))]
        for name in files:
            path = Path(top, name)
            left = str(path).endswith(left_out or ("\n",))
            if not left and path.is_file() and not path.is_symlink():
                yield path


def _unzstd(data: bytes) -> bytes:
    return subprocess.run(["zstd", "-dcq"], input=data, capture_output=True, check=False).stdout


@dataclass(frozen=True)
class Sighting:
    """A value seen at a process."""

    name: str
    where: str
    """cmdline or environ."""
    process: str
    """Its command line, cut."""
    contained: bool
    """Whether it is in a container: in another mount namespace than this test."""


class ProcessWatch(threading.Thread):
    """Looks at the command line and the environment of every process, again and again."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(daemon=True)
        self._needles = {name: value.encode() for name, value in values.items()}
        self._over = threading.Event()
        self._own = os.readlink("/proc/self/ns/mnt")
        self.seen: set[Sighting] = set()
        self.looks = 0

    def run(self) -> None:
        while not self._over.wait(0.02):
            self.looks += 1
            for process in Path("/proc").iterdir():
                if process.name.isdigit() and process.name != str(os.getpid()):
                    self._look(process)

    def stop(self) -> set[Sighting]:
        """Ends the watch; all that was seen."""
        self._over.set()
        self.join()
        return self.seen

    def _look(self, process: Path) -> None:
        for where in ("cmdline", "environ"):
            try:
                data = (process / where).read_bytes()
                hits = [name for name, needle in self._needles.items() if needle in data]
                if hits:
                    contained = os.readlink(process / "ns" / "mnt") != self._own
                    line = (process / "cmdline").read_bytes().replace(b"\0", b" ")[:160].decode()
            except (OSError, UnicodeDecodeError):
                continue  # it has ended
            for name in hits:
                self.seen.add(Sighting(name, where, line, contained))
