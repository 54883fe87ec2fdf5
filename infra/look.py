"""One look at the work tree: which images there are, and what this update will call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from clients.git import checkout, read_files, read_tree
from infra.lambda_images import lambda_images
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
    dockerfiles: Mapping[str, str] = field(default_factory=dict)
    """What the Dockerfile of each image says."""
    examples: Mapping[str, str] = field(default_factory=dict)
    """The .env.example beside the Dockerfile of an image, if it has one: what it needs."""
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
    files = dockerfiles(tree.ids, settings.roots)
    beside = {image_file(path) for path in files} & set(tree.ids)
    examples = {path: str(PurePosixPath(path).with_name(".env.example")) for path in files}
    there = set(examples.values()) & set(tree.ids)
    texts = read_files(at, (tree.ids[path] for path in (*beside, *files, *there)))
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
        sbom=settings.build.sbom,
        single=lambda_images(settings, folder),
    )
    return Look(
        tree=tree,
        images=images,
        shallow=at.shallow,
        dockerfiles={name: texts[tree.ids[each.dockerfile]] for name, each in sources.items()},
        examples={
            name: texts[tree.ids[examples[each.dockerfile]]]
            for name, each in sources.items()
            if examples[each.dockerfile] in there
        },
        version=version,
    )
