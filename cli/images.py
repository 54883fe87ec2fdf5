"""`slipway images`: every image of the repository, its key, its names, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import typer

from cli.answers import AsJson, Stack, show_json, show_table
from cli.stack import OpenStack, open_stack
from clients.registry import Registry
from clients.registry_attestations import attestations_of
from infra.origins import origins_of
from release.plan import PlannedImage
from release.why_inputs import files_of

T = TypeVar("T")
_AT_ONCE = 16  # requests to a registry


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("images")
    def images(stack: Stack = "dev", as_json: AsJson = False) -> None:
        """List every image: folder, content key, names, in the registry or not, attestations,
        changed files."""
        opened = open_stack(stack)
        made = digests_of_content(opened)
        attached = in_parallel(made, lambda name: _attached(opened, name, made[name]))
        rows = [
            {**_described(opened, name, made[name]), "attestations": attached[name]}
            for name in sorted(opened.look.images)
        ]
        if as_json:
            show_json({"stack": stack, "commit": opened.look.tree.commit, "images": rows})
            return
        show_table(
            (
                *("IMAGE", "FOLDER", "KEY", "NAMES", "IN THE REGISTRY"),
                *("ATTESTATIONS", "CHANGED AGAINST MAIN"),
            ),
            [
                (
                    row["image"],
                    row["folder"],
                    row["key"][:12],
                    " ".join(row["names"]) or "-",
                    (row["digest"] or "no")[:19],
                    ", ".join(row["attestations"] or ["none"]) if row["digest"] else "-",
                    files_of(row["changed"]) or "-",
                )
                for row in rows
            ],
        )


def digests_of_content(stack: OpenStack) -> dict[str, str | None]:
    """For each image the digest that the registry has of its content, asked for in parallel.

    A stack that promotes asks where its origin keeps images; one that rebuilds keeps no content
    keys, and there the release's name counts.
    """

    def found(name: str) -> str | None:
        planned = stack.look.images[name]
        if stack.settings.release.images == "rebuild":
            names = planned.release_names[:1]
            return stack.registry(name).head(names[0]) if names else None
        if stack.settings.release.images == "promote":
            return Registry(origin_of(stack, name), stack.keychain).head(f"src-{planned.key}")
        return stack.registry(name).head(f"src-{planned.key}")

    return in_parallel(stack.look.images, found)


def origin_of(stack: OpenStack, image: str) -> str:
    """host/path where the stack that builds keeps an image: its origin's repository."""
    found = origins_of(stack.settings, [image])
    return found[image] if found else stack.repository(image)


def in_parallel(names: Iterable[str], ask: Callable[[str], T]) -> dict[str, T]:
    """What `ask` gives for each name, a few at a time. Raises what the first of them raises."""
    listed = list(names)
    if not listed:
        return {}
    with ThreadPoolExecutor(min(_AT_ONCE, len(listed))) as pool:
        return dict(zip(listed, pool.map(ask, listed), strict=True))


def _attached(stack: OpenStack, name: str, digest: str | None) -> list[str]:
    if digest is None:
        return []
    if stack.settings.release.images == "promote":
        registry = Registry(origin_of(stack, name), stack.keychain)
    else:
        registry = stack.registry(name)
    return list(attestations_of(registry, digest))


def _described(stack: OpenStack, name: str, digest: str | None) -> dict[str, Any]:
    planned = stack.look.images[name]
    return {
        "image": name,
        "folder": planned.source.folder,
        "repository": stack.repository(name),
        "key": planned.key,
        "names": names_of(planned),
        "digest": digest,
        "changed": list(planned.changed),
        "uncommitted": list(planned.dirty),
    }


def names_of(planned: PlannedImage) -> list[str]:
    """The names it gets or keeps; `{version}` stands where the registry will count one up."""
    waiting = [each for each in planned.version_names if "{" in each]
    return [*planned.release_names, *planned.build_names, *planned.movable_names, *waiting]
