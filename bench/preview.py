"""A preview of 50 services that did not change, against a preview of an empty program.

The services are functions of one image: they are read back as any service is, and no container of
theirs has to run meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.row import Row, best
from tests.estate import Estate

SERVICES = 50
STACK = "fifty"
EMPTY = """\
name: empty
runtime: {name: python}
"""


def rows() -> Iterator[Row]:
    """One row. Raises RuntimeError if the preview shows a change or has an effect."""
    with TemporaryDirectory(prefix="slipway-bench-") as name:
        estate = Estate(Path(name), dict(os.environ))
        estate.start_cloud()
        try:
            yield _row(estate, _deployed(estate), _empty(Path(name) / "empty"))
        finally:
            estate.stop_cloud()


def _deployed(estate: Estate) -> Path:
    top = estate.checkout(estate.folder / "fifty", ("notifier",))
    service = {"target": "lambda", "image": "notifier", "smoke": {"ping": True}}
    estate.write_stack(
        top,
        STACK,
        bundles={"bucket": "slipway-fifty-deploys"},
        host=None,
        services={f"function-{number:02}": service for number in range(SERVICES)},
    )
    _must(estate.up(stack=STACK, cwd=top / "deploy").code, "the deployment of 50 services failed")
    return top / "deploy"


def _empty(folder: Path) -> Path:
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(EMPTY)
    (folder / "__main__.py").write_text("")
    return folder


def _row(estate: Estate, slipway: Path, empty: Path) -> Row:
    _must(estate.up(stack="empty", cwd=empty).code, "the empty program was not deployed")
    before = estate.counters()
    preview = partial(_preview, estate, STACK, slipway)
    ours, theirs = best(preview, partial(_preview, estate, "empty", empty), times=5)
    after = estate.counters()
    spent = {name: after[name] - before[name] for name in ("builds", "api_writes", "s3_writes")}
    _must(sum(spent.values()), f"the preview had an effect: {spent}")
    return Row(
        what=f"preview {SERVICES} services, nothing changed",
        ours=ours,
        note=f"{_resources(estate, slipway)} resources, 0 diffs, 0 writes",
        against="preview of an empty program",
        theirs=theirs,
        remark="",
    )


def _preview(estate: Estate, stack: str, folder: Path) -> None:
    done = estate.pulumi("preview", "--stack", stack, "--expect-no-changes", cwd=folder)
    _must(done.code, f"a preview of {stack} failed or shows a change: {done.text[-2000:]}")


def _resources(estate: Estate, slipway: Path) -> int:
    text = estate.pulumi("stack", "--show-urns", "--stack", STACK, cwd=slipway).text
    return text.count("URN: ")


def _must(code: int, otherwise: str) -> None:
    if code:
        raise RuntimeError(otherwise)
