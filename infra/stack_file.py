"""A stack's settings read from its file, for commands that run beside Pulumi."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.kubernetes_section import HOW
from infra.settings import Settings, read_settings
from infra.whereabouts import locate
from release.yaml_document import yaml_of

PROJECT = Path(__file__).resolve().parent.parent


def read_stack_file(stack: str, folder: Path = PROJECT) -> Settings:
    """The settings of a stack of the Pulumi project in `folder`, with what the environment and
    `.env` say of account, region and profile.

    Values that Pulumi keeps encrypted are left out: no setting of ours is one.
    Raises `ValueError` if there is no such stack file, or with all that is wrong in it.
    """
    project = str(_mapping(folder / "Pulumi.yaml").get("name", ""))
    file = folder / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        known = stack_names(folder)
        raise ValueError(
            f"there is no stack file Pulumi.{stack}.yaml in {folder}; "
            f"allowed: {', '.join(known) or 'none yet; docs/recipes has some to begin with'}"
        )
    config = _mapping(file).get("config") or {}
    texts = {str(k): _text(v) for k, v in config.items()}
    located, said = locate(project, stack, texts, os.environ, folder)
    return read_settings(project, stack, located, said)


def stack_names(folder: Path = PROJECT) -> list[str]:
    """The stacks that have a file in `folder`, by name."""
    return sorted(path.name[7:-5] for path in folder.glob("Pulumi.*.yaml"))


def account_in_stack_file(stack: str, folder: Path = PROJECT) -> str | None:
    """The account that a stack's file names; None without one, or without the file."""
    file = folder / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        return None
    config = _mapping(file).get("config") or {}
    project = str(_mapping(folder / "Pulumi.yaml").get("name", ""))
    found = config.get(f"{project}:account")
    return None if found is None else _text(found)


def kubeconfig_of(settings: Settings, folder: Path) -> str:
    """The text of the stack's kubeconfig; `folder` is that of Pulumi.yaml.

    Raises `ValueError` if its file can't be read.
    """
    if settings.kubeconfig is not None:
        return settings.kubeconfig
    path = folder / Path(settings.kubernetes.kubeconfig or "").expanduser()
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ValueError(
            f"{settings.project}:kubernetes.kubeconfig: {path} can't be read: {why}. Correct the "
            f"path, or remove it and keep the text as a secret: {HOW}"
        ) from None


def _mapping(file: Path) -> Mapping[str, Any]:
    try:
        document = yaml_of(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{file} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{file} can't be read: it is no UTF-8 text") from None
    except ValueError as error:
        raise ValueError(f"{file} {error}") from None
    if not isinstance(document, dict):
        raise ValueError(f"{file} holds {repr(document)[:80]}; allowed: a mapping")
    return document


def _text(value: Any) -> str:
    """A value as Pulumi hands it to a program: text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)
