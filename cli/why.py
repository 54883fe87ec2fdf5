"""`slipway why`: what the next update builds, redeploys or skips, and why, naming files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from cli.answers import AsJson, Stack, say, show_json
from cli.images import digests_of_content, in_parallel
from cli.stack import OpenStack, open_stack
from clients.aws import AwsError
from clients.git import Checkout, checkout, read_files
from clients.git_changes import changes_between
from release.content_key import ingredients
from release.dockerfile import tag_bases
from release.plan import PlannedImage
from release.record import Record
from release.why import Before, Facts, Why, why
from release.why_inputs import FileChange

_RECORDS = 50  # how far back the age of an image is looked for
_STYLES = {"built": "yellow", "redeployed": "cyan", "skipped": "dim", "refused": "red"}


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("why")
    def why_(
        image: Annotated[str | None, typer.Argument(help="One image; all if not given.")] = None,
        stack: Stack = "dev",
        as_json: AsJson = False,
    ) -> None:
        """Say for each image whether it would be built, redeployed or skipped, and why."""
        answers = explained(open_stack(stack), image)
        if as_json:
            show_json({"stack": stack, "images": [asdict(each) for each in answers]})
            return
        for each in answers:
            _show(each)


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """What the records of a stack say."""

    current: Record | None
    """What is deployed."""
    newest: tuple[Record, ...]
    """The last records, newest first."""

    def since(self, image: str, digest: str | None) -> str | None:
        """When that digest was first recorded, as far back as was read."""
        found = [
            each.started
            for each in self.newest
            if image in each.images and each.images[image].digest == digest
        ]
        return min(found, default=None)


def explained(stack: OpenStack, image: str | None = None) -> list[Why]:
    """The answer for one image or for all. Raises `ValueError` if there is no such image."""
    images = stack.look.images
    if image is not None and image not in images:
        raise ValueError(f"there is no image {image!r}; allowed: {', '.join(images) or 'none'}")
    remembered = remember(stack)
    made, released = digests_of_content(stack), _digests_of_release(stack)
    at = checkout(stack.folder)
    texts = _dockerfiles(stack, at)
    return [
        why(
            images[name],
            Facts(
                repository=stack.repository(name),
                made=made[name],
                released=released.get(name),
                images=stack.settings.release.images,
                before=before_of(remembered, name),
                recorded=remembered.current is not None,
                inputs=inputs_of(stack, images[name]),
                files=_files(stack, at, images[name], before_of(remembered, name)),
                bases=tag_bases(texts[name], images[name].args),
                since=remembered.since(name, made[name]),
            ),
        )
        for name in ([image] if image else sorted(images))
    ]


def remember(stack: OpenStack) -> Remembered:
    """The record of what is deployed, and the last ones; none where there is no bucket yet."""
    name = stack.settings.stack
    try:
        found = stack.records.pointer(name)
        current = None if found is None else stack.records.read(name, found[0].record)
        return Remembered(current=current, newest=tuple(stack.records.newest(name, _RECORDS)))
    except AwsError as error:
        if error.code not in ("NoSuchBucket", "404"):
            raise
        return Remembered(current=None, newest=())


def before_of(remembered: Remembered, image: str) -> Before | None:
    """What the current record has of an image."""
    entry = remembered.current.images.get(image) if remembered.current else None
    if entry is None:
        return None
    return Before(
        repository=entry.repository, digest=entry.digest, key=entry.key, inputs=entry.inputs
    )


def inputs_of(stack: OpenStack, planned: PlannedImage) -> dict[str, str]:
    """The ingredients of an image now."""
    return ingredients(
        planned.source,
        stack.look.tree.ids,
        args=planned.args,
        platforms=planned.platforms,
        attest=planned.attest,
        sbom=planned.sbom,
    )


def _digests_of_release(stack: OpenStack) -> Mapping[str, str | None]:
    named = {name: each.release_names for name, each in stack.look.images.items()}
    wanted = [name for name, names in named.items() if names]
    return in_parallel(wanted, lambda name: stack.registry(name).head(named[name][0]))


def _dockerfiles(stack: OpenStack, at: Checkout) -> dict[str, str]:
    ids = stack.look.tree.ids
    files = {name: ids[each.source.dockerfile] for name, each in stack.look.images.items()}
    texts = read_files(at, files.values())
    return {name: texts[oid] for name, oid in files.items()}


def _files(
    stack: OpenStack, at: Checkout, planned: PlannedImage, before: Before | None
) -> dict[str, tuple[FileChange, ...] | None]:
    """By ingredient, the files that differ from the last record."""
    if before is None or before.key == planned.key:
        return {}
    found: dict[str, tuple[FileChange, ...] | None] = {}
    for label, new in inputs_of(stack, planned).items():
        kind, _, path = label.partition(" ")
        old = before.inputs.get(label)
        if kind not in ("context", "input") or old is None or old == new:
            continue
        if _is_file(path, stack.look.tree.ids):
            found[label] = (FileChange(path=path, how="changed"),)
        else:
            found[label] = changes_between(at, old, new, path)
    return found


def _is_file(path: str, ids: Mapping[str, str]) -> bool:
    return path != "." and not any(each.startswith(f"{path}/") for each in ids)


def _show(answer: Why) -> None:
    say(f"{answer.image}: {answer.verdict}", style=_STYLES[answer.verdict])
    for cause in (*answer.causes, *answer.notes):
        say(f"  {cause.text}")
