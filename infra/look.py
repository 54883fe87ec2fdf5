"""One look at the work tree: which images there are, and what this update will call them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clients.git import checkout, read_files, read_tree
from infra.settings import Settings
from infra.version import version_of
from release.catalogue import catalogue, dockerfiles, image_file
from release.plan import Naming, PlannedImage, Tree, plan_images

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was seen."""

    tree: Tree
    images: dict[str, PlannedImage]
    shallow: bool
    version: str | None = None
    """The version of this update; None without one, and where each image has its own."""


def look(settings: Settings, folder: Path = PROJECT) -> Look:
    """Reads the work tree around a folder and plans its images.

    Raises `GitError` if git cannot say, and `ValueError` with every problem of the images, or if
    the version is not where the stack file says.
    """
    at = checkout(folder)
    tree = read_tree(at, settings.main)
    version = version_of(settings, at, tree)
    beside = {image_file(path) for path in dockerfiles(tree.ids, settings.roots)} & set(tree.ids)
    texts = read_files(at, (tree.ids[path] for path in beside))
    sources = catalogue(
        tree.ids.keys(), settings.roots, {path: texts[tree.ids[path]] for path in beside}
    )
    images = plan_images(
        sources,
        tree,
        Naming(
            templates=settings.release.names,
            stack=settings.stack,
            version=version,
            by_registry=settings.release.version_from == "registry",
        ),
        args=settings.build.args,
        platforms=settings.build.platforms,
        attest=settings.build.attest,
    )
    return Look(tree=tree, images=images, shallow=at.shallow, version=version)
