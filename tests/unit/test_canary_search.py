"""The search for canaries finds what it should."""

from __future__ import annotations

import base64
import gzip
import io
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.canary_search import ProcessWatch, found_below, found_in

VALUE = "canary0123456789abcdefXYZ"


def tar_of(data: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("app/file")
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    return packed.getvalue()


@pytest.mark.parametrize(
    "write",
    [
        lambda value: b"before " + value + b" after",
        lambda value: value.hex().encode(),
        lambda value: b"x=" + value.hex().upper().encode(),
        lambda value: base64.b64encode(value),
        lambda value: base64.b64encode(b'{"a": "' + value + b'"}'),
        lambda value: base64.b64encode(b'{"ab": "' + value + b'", "b": 1}'),
        lambda value: base64.urlsafe_b64encode(b'{"abc": "' + value + b'\n"}'),
        gzip.compress,
        tar_of,
        lambda value: (
            subprocess.run(["zstd", "-cq"], input=value, capture_output=True, check=True).stdout
        ),
    ],
    ids=lambda write: getattr(write, "__name__", ""),
)
def test_a_value_is_found_however_it_is_written(write: Callable[[bytes], bytes]) -> None:
    written = write(VALUE.encode())
    assert found_in(written, {"it": VALUE, "another": VALUE[::-1].upper()}) == {"it"}


def test_files_are_searched_but_for_those_left_out(tmp_path: Path) -> None:
    for name in ("a/file", "a/out", "b/file"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(VALUE)
    found = found_below(tmp_path, {"it": VALUE}, left_out=("a/out", "/b"))
    assert found == {"it": {str(tmp_path / "a" / "file")}}


def test_argv_and_environment_of_other_processes_are_seen() -> None:
    watch = ProcessWatch({"it": VALUE})
    watch.start()
    wait = [sys.executable, "-c", "import time; time.sleep(0.5)"]
    subprocess.run([*wait, VALUE], check=True)
    subprocess.run(wait, env={"TOKEN": VALUE}, check=True)
    time.sleep(0.1)
    seen = watch.stop()
    assert {(each.where, each.contained) for each in seen} == {
        ("cmdline", False),
        ("environ", False),
    }
