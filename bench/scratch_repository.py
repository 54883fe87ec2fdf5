"""A git repository of many images, made quickly by `git fast-import`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

FILES = 12  # in the folder of one image: the Dockerfile and modules
CHANGED = 3  # images that the last commit changed
_ME = b"Bench <bench@example.com> 1750000000 +0000"


def make(folder: Path, images: int) -> Path:
    """A work tree of `images` services under services/, each of 12 files.

    Branch main has one commit; HEAD has one more, which changed three images. One file is edited
    and not committed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    stream = b"".join(_stream(images))
    git(folder, "fast-import", "--quiet", stdin=stream)
    git(folder, "checkout", "--quiet", "--force", "work")
    (folder / services(1)[0] / "module1.py").write_text("edited = True\n")
    return folder


def services(images: int) -> list[str]:
    """The folders of the images."""
    return [f"services/app-{number:05}" for number in range(images)]


def git(folder: Path, *words: str, stdin: bytes | None = None) -> bytes:
    """What git prints."""
    argv = ["git", "-C", str(folder), *words]
    return subprocess.run(argv, input=stdin, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603


def _stream(images: int) -> Iterator[bytes]:
    yield b"commit refs/heads/main\nmark :1\ncommitter " + _ME + b"\n" + _data(b"all of it")
    for service in services(images):
        yield _file(f"{service}/Dockerfile", f"FROM scratch\nCOPY . /{service}\n")
        for number in range(1, FILES):
            text = f"# {service}\nvalue = {number}\n" * 10
            yield _file(f"{service}/module{number}.py", text)
    yield b"commit refs/heads/work\ncommitter " + _ME + b"\n" + _data(b"a change") + b"from :1\n"
    for service in services(images)[-CHANGED:]:
        yield _file(f"{service}/module2.py", "value = 'changed'\n")


def _file(path: str, text: str) -> bytes:
    return f"M 100644 inline {path}\n".encode() + _data(text.encode())


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
