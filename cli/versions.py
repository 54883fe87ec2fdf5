"""`slipway latest` and `slipway next`: the registry as the source of versions."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.answers import AsJson, Stack, say, show_json
from cli.stack import OpenStack, open_stack
from release.bump import check_bump
from release.next_version import versions_in
from release.versions import bumped, latest_plain

ALL_TAGS = 1_000_000

ImageName = Annotated[str, typer.Argument(help="The image, as `slipway images` lists it.")]
BumpWord = Annotated[str, typer.Argument(help="patch, minor or major.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""

    @app.command("latest")
    def latest(image: ImageName, stack: Stack = "dev", as_json: AsJson = False) -> None:
        """Print the highest version X.Y.Z that an image has in its registry.

        Ends with exit code 1 if it has none.
        """
        opened = open_stack(stack)
        found = latest_version(opened, image)
        if as_json:
            repository = opened.repository(image)
            show_json({"image": image, "repository": repository, "version": found})
        elif found is None:
            raise ValueError(
                f"{opened.repository(image)} has no version X.Y.Z yet; the first will be "
                f"{bumped(None, 'patch')}"
            )
        else:
            say(found)

    @app.command("next")
    def next_(
        image: ImageName, bump: BumpWord, stack: Stack = "dev", as_json: AsJson = False
    ) -> None:
        """Print the version that a release with this bump would get. Nothing is written."""
        opened = open_stack(stack)
        latest = latest_version(opened, image)
        version = bumped(latest, check_bump(bump))
        if as_json:
            show_json({"image": image, "latest": latest, "bump": bump, "version": version})
        else:
            say(version)


def latest_version(stack: OpenStack, image: str) -> str | None:
    """The highest plain version among all tags of an image; None if there is none.

    Raises `ValueError` if there is no such image.
    """
    planned = known_image(stack, image)
    templates = stack.look.images[planned].version_names or ("{version}",)
    return latest_plain(versions_in(templates, stack.registry(planned).tags(ALL_TAGS)))


def known_image(stack: OpenStack, image: str) -> str:
    """Gives the image's name back. Raises `ValueError` that lists the images there are."""
    images = stack.look.images
    if image not in images:
        raise ValueError(f"there is no image {image!r}; allowed: {', '.join(sorted(images))}")
    return image
