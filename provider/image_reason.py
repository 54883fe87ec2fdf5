"""Why an image is built, in one line that a person reads."""

from __future__ import annotations

from collections.abc import Sequence

from clients import ClientError
from clients.builder_tree import changed_files
from provider.configured import Configured
from provider.image_inputs import MAKERS, ImageInputs
from provider.resource import Old, Properties

_MOST = 3


def why_built(
    configured: Configured, wanted: ImageInputs, values: Properties, old: Old | None
) -> str:
    """The reason to build `wanted`, after the registry was found not to have its key."""
    where = f"{wanted.repository} has no {wanted.content_name[:16]}…"
    if old is None:
        return f"{_files(wanted.changed)} changed" if wanted.changed else where
    before = ImageInputs.of(old.inputs)
    if before.repository != wanted.repository:
        return f"the repository is now {wanted.repository}"
    if before.key == wanted.key:
        return f"{wanted.content_name[:16]}… has vanished from {wanted.repository}"
    files = _between(configured, before, wanted)
    if files is None:
        files = list(wanted.changed)
    if files:
        return f"{_files(files)} changed"
    differing = [name for name in MAKERS if old.inputs.get(name) != values.get(name)]
    if differing:
        return f"{' and '.join(name.replace('_', ' ') for name in differing)} changed"
    return "its content key changed"


def _between(configured: Configured, before: ImageInputs, wanted: ImageInputs) -> list[str] | None:
    """The inputs' files that differ between the two trees; None if git can't say."""
    paths = {path for each in (before.source, wanted.source) for path in each.paths()}
    try:
        at = configured.checkout
        return changed_files(at, before.source.tree, wanted.source.tree, paths)
    except ClientError:
        return None


def _files(files: Sequence[str]) -> str:
    shown = ", ".join(files[:_MOST])
    return f"{shown} and {len(files) - _MOST} more" if len(files) > _MOST else shown
