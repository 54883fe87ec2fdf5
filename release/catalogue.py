"""Which images a repository holds: every folder with a Dockerfile under the roots."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import yaml

from release.problems import Problems
from release.yaml_text import read_yaml

# The repository part of an OCI reference, one path component:
# https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
IMAGE_NAME = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")

IMAGE_FILE_KEYS = ("name", "context", "inputs", "args", "platforms", "attest")


@dataclass(frozen=True, kw_only=True)
class ImageSource:
    """What an image is made from; all paths are relative to the top of the git work tree."""

    name: str
    """The name of the image: its folder's, or `name` in image.yaml."""
    folder: str
    """The folder of its Dockerfile."""
    dockerfile: str
    """The Dockerfile's path."""
    context: str
    """The folder handed to the builder."""
    inputs: tuple[str, ...] = ()
    """Files and folders outside of the context that the build also gets."""
    args: tuple[tuple[str, str], ...] = ()
    """Build arguments of image.yaml, sorted."""
    platforms: tuple[str, ...] = ()
    """Platforms as BuildKit names them (linux/amd64); empty is the builder's own."""
    attest: bool | None = None
    """Whether provenance is attached; None leaves it to the stack."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Everything whose content decides what the image is."""
        return tuple(sorted({self.context, self.dockerfile, *self.inputs}))

    def owns(self, path: str) -> bool:
        """Whether a change of that file is a change of this image."""
        return any(top == "." or path == top or path.startswith(f"{top}/") for top in self.paths)


def dockerfiles(files: Iterable[str], roots: Iterable[str]) -> list[str]:
    """The Dockerfiles below the roots, sorted. Both are paths relative to the git top."""
    tops = tuple("" if root == "." else f"{root.rstrip('/')}/" for root in roots)
    return sorted(path for path in files if path.endswith("/Dockerfile") and path.startswith(tops))


def image_file(dockerfile: str) -> str:
    """Where the optional image.yaml of that Dockerfile lies."""
    return dockerfile.removesuffix("Dockerfile") + "image.yaml"


def catalogue(
    paths: Collection[str], roots: Iterable[str], image_files: Mapping[str, str]
) -> dict[str, ImageSource]:
    """The images by name, from the files and folders of the tree and the image.yaml texts.

    Raises `ValueError` with every problem found: an illegal name, two images with one name, an
    image.yaml that does not say what it should, an input that is not in the tree.
    """
    problems = Problems()
    images: dict[str, ImageSource] = {}
    for dockerfile in dockerfiles(paths, roots):
        source = _source(dockerfile, image_files.get(image_file(dockerfile), ""), problems)
        if source is None:
            continue
        for path in source.paths:
            _check_present(source, path, paths, problems)
        if source.name in images:
            problems.add(
                source.dockerfile,
                f"a second image named {source.name!r}; the first is {images[source.name].folder}",
                "give one of them another name with `name:` in its image.yaml",
            )
            continue
        images[source.name] = source
    problems.raise_if_any("The images of this repository cannot be listed.")
    return images


def _source(dockerfile: str, text: str, problems: Problems) -> ImageSource | None:
    folder = dockerfile.rpartition("/")[0]
    declared = _declared(image_file(dockerfile), text, problems)
    name = str(declared.get("name", folder.rpartition("/")[2]))
    if not IMAGE_NAME.fullmatch(name) or len(name) > 128:
        problems.add(
            dockerfile,
            f"{name!r} is not a name that a registry takes",
            "allowed: lower-case letters and digits, joined by . _ or -; "
            "rename the folder or set `name:` in its image.yaml",
        )
        return None
    return ImageSource(
        name=name,
        folder=folder,
        dockerfile=dockerfile,
        context=_clean(str(declared["context"])) if "context" in declared else folder,
        inputs=tuple(sorted(_clean(str(path)) for path in declared.get("inputs", ()))),
        args=tuple(sorted((str(k), str(v)) for k, v in declared.get("args", {}).items())),
        platforms=tuple(str(platform) for platform in declared.get("platforms", ())),
        attest=declared.get("attest"),
    )


def _declared(path: str, text: str, problems: Problems) -> dict[str, Any]:
    if not text:
        return {}
    shapes = {"inputs": list, "platforms": list, "args": dict, "attest": bool}
    try:
        declared = read_yaml(text) or {}
    except yaml.YAMLError as error:
        problems.add(path, f"is not YAML: {' '.join(str(error).split())}", "mend the file")
        return {}
    if not isinstance(declared, dict):
        problems.add(path, f"holds {declared!r}", f"allowed: a mapping of {_listed()}")
        return {}
    for key, value in list(declared.items()):
        shape = shapes.get(key, str)
        if key not in IMAGE_FILE_KEYS:
            problems.add(path, f"{key!r} is not a key of image.yaml", f"allowed: {_listed()}")
        elif not isinstance(value, shape):
            problems.add(path, f"{key}: {value!r}", f"allowed: a {shape.__name__}")
            del declared[key]
    return declared


def _listed() -> str:
    return ", ".join(IMAGE_FILE_KEYS)


def _clean(path: str) -> str:
    return str(PurePosixPath(path)) if path else "."


def _check_present(
    source: ImageSource, path: str, paths: Collection[str], problems: Problems
) -> None:
    if not path.isascii() and any("\udc80" <= letter <= "\udcff" for letter in path):
        problems.add(
            image_file(source.dockerfile).encode(errors="backslashreplace").decode(),
            f"{path!r} is not UTF-8",
            "rename the file or folder: a path of an image is passed on as text",
        )
    elif path != "." and path not in paths:
        problems.add(
            image_file(source.dockerfile),
            f"{path!r} is not in the work tree",
            "name a file or folder by its path from the top of the repository",
        )
