"""A few kilobytes that stand for gigabytes are refused before they are."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from clients.kubernetes_config import cluster_of
from clients.record_documents import parsed
from release.catalogue import catalogue
from release.host_current import entries_of
from release.host_report import read_report
from release.json_document import json_of
from release.record import Record
from release.yaml_document import yaml_of

ALIASES = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{at}: &a{at} [{','.join([f'*a{at - 1}'] * 10)}]\n" for at in range(1, 12)
)
DEEP = "[" * 100_000
MOST = 64 << 20
BOMBS: dict[str, Callable[[], object]] = {
    "aliases": lambda: yaml_of(ALIASES),
    "aliases of image.yaml": lambda: catalogue(
        {"a", "a/b", "a/b/Dockerfile"}, ["a"], {"a/b/image.yaml": f"{ALIASES}args: {{A: *a11}}"}
    ),
    "aliases of a kubeconfig": lambda: cluster_of(f"{ALIASES}kind: Config\nusers: *a11"),
    "deep YAML": lambda: yaml_of(DEEP),
    "deep JSON": lambda: json_of(DEEP),
    "a deep record": lambda: parsed(Record, "x", DEEP.encode()),
    "deep hosts": lambda: entries_of(DEEP.encode()),
    "a deep report": lambda: read_report(DEEP, "api"),
}


@pytest.mark.parametrize("what", sorted(BOMBS))
def test_little_input_takes_little_memory(what: str) -> None:
    tracemalloc.start()
    try:
        BOMBS[what]()
    except Exception as error:
        assert len(str(error)) < 10_000  # noqa: PT017 -- of whatever error it is
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < MOST, f"{peak >> 20} MiB"
