"""One look at the work tree: which images there are, and what this update will call them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clients.git import checkout, read_files, read_tree
from infra.settings import Settings
from release.catalogue import catalogue, dockerfiles, image_file
from release.plan import Naming, PlannedImage, Tree, plan_images

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was seen."""

    tree: Tree
    images: dict[str, PlannedImage]
    shallow: bool


def look(settings: Settings, folder: Path = PROJECT) -> Look:
    """Reads the work tree around a folder and plans its images.

    Raises `GitError` if git cannot say, and `ValueError` with every problem of the images.
    """
    at = checkout(folder)
    tree = read_tree(at, settings.main)
    beside = {image_file(path) for path in dockerfiles(tree.ids, settings.roots)} & set(tree.ids)
    texts = read_files(at, (tree.ids[path] for path in beside))
    sources = catalogue(
        tree.ids.keys(), settings.roots, {path: texts[tree.ids[path]] for path in beside}
    )
    images = plan_images(
        sources,
        tree,
        Naming(templates=settings.release.names, stack=settings.stack, version=settings.version),
        args=settings.build.args,
        platforms=settings.build.platforms,
        attest=settings.build.attest,
    )
    return Look(tree=tree, images=images, shallow=at.shallow)
