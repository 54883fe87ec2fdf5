"""Ten functions: a new stack of them on a registry that has all content, and one edit in them.

A workflow that builds what it deploys builds all of a new stack, on a runner without layers.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from bench import dev_pipeline_reference, monorepo
from bench.monorepo import Stack
from bench.row import Row
from bench.taken import in_turns, taken
from tests.estate import Estate
from tests.localcloud.cloud import Cloud

IMAGES = 10
_TIMES = 3


def rows() -> Iterator[Row]:
    """Three rows. Raises RuntimeError if the new stack builds anything, or runs other digests."""
    with monorepo.running() as estate:
        top = estate.checkout(estate.folder / "fresh", ("notifier",))
        names = _images(estate, top, IMAGES)
        registry = {"kind": "ecr", "repository": "fresh/{image}", "create": True}
        services = {name: {"target": "lambda", "smoke": {"ping": True}} for name in names}
        first, second = (Stack(estate, top, name) for name in ("first", "second"))
        first.write(services, host=None, registry=registry)
        all_built = taken(first.create)
        second.write(services, host=None, registry={**registry, "create": False})
        before = estate.counters()["builds"]
        ours = taken(second.create)
        if built := estate.counters()["builds"] - before:
            raise RuntimeError(f"a new stack on a full registry built {built} images")
        if second.output("images") != first.output("images"):
            raise RuntimeError("a new stack on a full registry has other images")
        yield from _rows(second, ours.seconds, all_built.seconds, _built_alone(second, names))
        yield _one_edit(first, names[0])


def _images(estate: Estate, top: Path, count: int) -> list[str]:
    """Copies of one sample, each with content of its own."""
    services = top / "services"
    names = [f"app-{number:02}" for number in range(count)]
    for name in names:
        shutil.copytree(services / "notifier", services / name)
        with (services / name / "app.py").open("a") as source:
            source.write(f"# {name}\n")
    shutil.rmtree(services / "notifier")
    estate.git("add", "--all", top=services.parent)
    estate.git("commit", "--quiet", "--message", "many", top=services.parent)
    return names


def _built_alone(stack: Stack, names: list[str]) -> float:
    """Seconds for building and pushing all, one after the other."""
    estate = stack.estate
    host = f"127.0.0.1:{estate.registry_port}"

    def build() -> None:
        for name in names:
            words = ["buildx", "build", "--quiet", "--no-cache", "--provenance=false"]
            output = f"type=registry,name={host}/fresh/{name}:reference"
            argv = [*words, "--build-arg", f"BASE={host}/base/debian:bookworm", "--output", output]
            monorepo.docker(estate, *argv, str(stack.top / "services" / name))

    return taken(build).seconds


def _rows(stack: Stack, ours: float, all_built: float, alone: float) -> Iterator[Row]:
    for against, theirs, remark in (
        ("the first stack, on an empty registry", all_built, f"{IMAGES} builds, pushed"),
        ("docker buildx build --no-cache, with its push", alone, "nothing is deployed"),
    ):
        yield Row(
            what=f"a new stack of {IMAGES} images on a full registry",
            ours=ours,
            note=f"pulumi up: 0 builds, {stack.resources()} resources made",
            against=against,
            theirs=theirs,
            remark=remark,
            source="bench/fresh.py",
        )


def _one_edit(stack: Stack, name: str) -> Row:
    """Both deploy the same edits: slipway to the stack `first`, the pipeline to `second`."""
    estate = stack.estate
    cloud = Cloud(estate.state, estate.cloud_port, estate.registry_port)
    estate.git("checkout", "--quiet", "-b", "edit", top=stack.top)

    def edit() -> None:
        stack.change(f"services/{name}/app.py")
        estate.git("commit", "--quiet", "--all", "--message", "edit", top=stack.top)

    def ours() -> None:
        stack.up()
        dev_pipeline_reference.call(cloud, f"first-{name}", "live")

    def theirs() -> None:
        changed = dev_pipeline_reference.run(stack, cloud, "fresh", "second")
        if changed != [name]:
            raise RuntimeError(f"the pipeline deployed {changed} instead of {name}")

    runs = []
    for _ in range(_TIMES):
        edit()
        runs.append(in_turns(ours, theirs, times=1))
    mine, other = (
        sorted(each.seconds for each in column)[_TIMES // 2] for column in zip(*runs, strict=True)
    )
    return Row(
        what=f"one function of {IMAGES}, from a commit to its answer",
        ours=mine,
        note="pulumi up: build, push, version, smoke event, alias, record",
        against="git diff for each image, docker build, push, update-function-code",
        theirs=other,
        remark="no version, no alias, no state, no record",
        source="bench/dev_pipeline_reference.py",
    )
