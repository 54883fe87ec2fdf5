"""Which images Lambda runs: those have to be single manifests, in every stack alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.settings import Settings
from release.yaml_document import yaml_of


def lambda_images(settings: Settings, folder: Path) -> frozenset[str]:
    """The images of `target: lambda` services in any stack file of the project.

    Not of this stack's alone: prod promotes what dev has built, so both must ask for one form.
    Raises `ValueError` for a stack file that can't be read.
    """
    found = {
        service.image or name
        for name, service in settings.services.items()
        if service.target == "lambda"
    }
    for file in sorted(folder.glob("Pulumi.*.yaml")):
        found.update(_images_in(file, f"{settings.project}:services"))
    return frozenset(found)


def _images_in(file: Path, key: str) -> Iterator[str]:
    try:
        text = file.read_text()
        # Most stack files have none, and reading YAML takes its time.
        document = yaml_of(text) if "lambda" in text else {}
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{file} can't be read, so it isn't known which images Lambda runs: "
            f"{' '.join(str(error).split())}; mend the file, or move it away"
        ) from None
    config = document.get("config") if isinstance(document, Mapping) else None
    services = _decoded(config.get(key)) if isinstance(config, Mapping) else None
    for name, service in services.items() if isinstance(services, Mapping) else ():
        if isinstance(service, Mapping) and service.get("target") == "lambda":
            yield str(service.get("image") or name)


def _decoded(value: Any) -> Any:
    """`pulumi config set --path` and a person write a mapping; JSON text is as good."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None
