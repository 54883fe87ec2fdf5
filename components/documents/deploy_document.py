"""The SSM document that every deploy goes through, and the script of a machine's first boot."""

from __future__ import annotations

import json
from typing import Any

from components.documents.service import FILES

EXECUTION_TIMEOUT = 7200
"""Seconds: the longest wait for another deploy, and the longest deploy, each of at most 3600."""

# Name: what it is, allowed pattern, default. Nothing here can hold a blank, a quote or a $.
_PARAMETERS: dict[str, tuple[str, str, str | None]] = {
    "action": ("What to do", "^(deploy|status|restore)$", None),
    "service": ("Unit, container and folder under /opt", "^[a-z][a-z0-9-]{0,30}$", None),
    "kind": ("Long-running or once", "^(service|job)$", None),
    "bucket": ("Bucket of the bundle", "^(-|[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$", "-"),
    "key": (
        "Key of the bundle",
        r"^(-|bundles/[A-Za-z0-9._-]{1,100}/deploy-bundle-[A-Za-z0-9._-]{1,128}\.tar\.gz)$",
        "-",
    ),
    "sha256": ("SHA-256 of the bundle", "^(-|[0-9a-f]{64})$", "-"),
    "version": ("Version of the service", "^(-|[A-Za-z0-9_][A-Za-z0-9._-]{0,127})$", "-"),
    "image": (
        "registry/repository:tag@digest",
        "^(-|[a-z0-9.-]{1,253}(:[0-9]{1,5})?/[a-z0-9._/-]{1,255}"
        "(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?@sha256:[0-9a-f]{64})$",
        "-",
    ),
    "timeout": ("Seconds that all of it may take", "^[0-9]{1,4}$", "60"),
    "by": ("Who asks, for whoever waits", "^(-|[A-Za-z0-9][A-Za-z0-9._:/@-]{0,99})$", "-"),
    "region": ("Region of bucket and registry", "^(-|[a-z]{2}(-[a-z]+)+-[0-9])$", "-"),
}


def deploy_document() -> str:
    """The content of the document: fixed, its parameters reach the shell as variables only."""
    parameters: dict[str, Any] = {}
    for name, (description, pattern, default) in _PARAMETERS.items():
        parameters[name] = {
            "type": "String",
            "description": description,
            "allowedPattern": pattern,
            "interpolationType": "ENV_VAR",
        }
        if default is not None:
            parameters[name]["default"] = default
    step = {
        "action": "aws:runShellScript",
        "name": "deploy",
        "inputs": {
            "timeoutSeconds": str(EXECUTION_TIMEOUT),
            "runCommand": (FILES / "bootstrap.sh").read_text().splitlines(),
        },
    }
    document = {
        "schemaVersion": "2.2",
        "description": "Deploys one service of a checked bundle, or says what runs.",
        "parameters": parameters,
        "mainSteps": [step],
    }
    return json.dumps(document, indent=1)


def install_script() -> str:
    """User data of a machine: Docker, nginx, AWS CLI and SSM agent, where they are missing."""
    return (FILES / "install.sh").read_text()
