"""The SSM document that every deploy goes through, and the script of a machine's first boot."""

from __future__ import annotations

import json
from typing import Any

from components.documents.grammar import check
from components.documents.service import FILES

EXECUTION_TIMEOUT = 7200
"""Seconds: the longest wait for another deploy, and the longest deploy, each of at most 3600."""

_IMAGE_NAME = "[a-z0-9][a-z0-9._-]{0,127}"

# Name: what it is, allowed pattern, default. Nothing here can hold a blank, a quote or a $; what
# stands between @ and @ is this stack's own.
_PARAMETERS: dict[str, tuple[str, str, str | None]] = {
    "action": ("What to do", "^(deploy|status|restore|remove|logs)$", None),
    "service": ("Unit, container and folder under /opt", "^[a-z][a-z0-9-]{0,30}$", None),
    "kind": ("Long-running, once, or in MicroK8s", "^(service|job|kubernetes)$", None),
    "stack": ("Whose service of MicroK8s it is", "^@stack@$", "@stack@"),
    "bucket": ("Bucket of the bundle", "^(-|@bucket@)$", "-"),
    "key": (
        "Key of the bundle",
        r"^(-|bundles/@stack@/deploy-bundle-[A-Za-z0-9._-]{1,128}\.tar\.gz)$",
        "-",
    ),
    "sha256": ("SHA-256 of the bundle", "^(-|[0-9a-f]{64})$", "-"),
    "version": ("Version of the service", "^(-|[A-Za-z0-9_][A-Za-z0-9._-]{0,127})$", "-"),
    "image": (
        "registry/repository:tag@digest",
        "^(-|@repository@(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?@sha256:[0-9a-f]{64})$",
        "-",
    ),
    "timeout": ("Seconds that all of it may take", "^[0-9]{1,4}$", "60"),
    "by": ("Who asks, for whoever waits", "^(-|[A-Za-z0-9][A-Za-z0-9._:/@-]{0,99})$", "-"),
    "lines": ("Lines of the journal, the newest ones", "^([1-9][0-9]?|100)$", "100"),
    "since": ("No older lines, seconds since 1970", "^(-|[0-9]{1,10})$", "-"),
    "region": ("Region of bucket and registry", "^(-|@region@)$", "-"),
}


def deploy_document(stack: str, region: str, bucket: str, repository: str) -> str:
    """The content of a stack's document. Its parameters reach the shell as variables only.

    It takes bundles of this stack and bucket, and images by digest from repositories of this
    stack alone: `repository` is host/path with {image} for the name. So who may send it can't make
    a host run what is foreign, whatever the bundle says.
    Raises `ValueError` for a value that is none.
    """
    patterns = _patterns(stack, region, bucket, repository)
    parameters: dict[str, Any] = {}
    for name, (description, _, default) in _PARAMETERS.items():
        if default == "@stack@":
            default = stack
        parameters[name] = {
            "type": "String",
            "description": description,
            "allowedPattern": patterns[name],
            "interpolationType": "ENV_VAR",
        }
        if default is not None:
            parameters[name]["default"] = default
    first, *lines = (FILES / "bootstrap.sh").read_text().splitlines()
    own = f"export SLIPWAY_OWN='{own_text(stack, region, bucket, repository)}'".splitlines()
    step = {
        "action": "aws:runShellScript",
        "name": "deploy",
        "inputs": {
            "timeoutSeconds": str(EXECUTION_TIMEOUT),
            "runCommand": [first, *own, *lines],
        },
    }
    document = {
        "schemaVersion": "2.2",
        "description": "Deploys one service of a checked bundle, or says what runs.",
        "parameters": parameters,
        "mainSteps": [step],
    }
    return json.dumps(document, indent=1)


def own_text(stack: str, region: str, bucket: str, repository: str) -> str:
    """What a machine that boots knows of a stack: where its document is, and, as the parameters of
    the deploy document, what that may ask for. Holds no quote. Raises `ValueError` as above.
    """
    patterns = _patterns(stack, region, bucket, repository)
    asked = ("service", "kind", "key", "sha256", "version", "image", "timeout")
    lines = [f"stack={stack}", f"region={region}", f"bucket={bucket}"]
    return "\n".join([*lines, *(f"{name}={patterns[name]}" for name in asked)])


def _patterns(stack: str, region: str, bucket: str, repository: str) -> dict[str, str]:
    own = {
        "stack": _literal(check("stack", stack)),
        "region": _literal(check("region", region)),
        "bucket": _literal(check("bucket", bucket)),
        "repository": _IMAGE_NAME.join(
            _literal(part) for part in check("repository template", repository).split("{image}")
        ),
    }
    found = {}
    for name, (_, pattern, _) in _PARAMETERS.items():
        for word, value in own.items():
            pattern = pattern.replace(f"@{word}@", value)
        found[name] = pattern
    return found


def _literal(text: str) -> str:
    """A text of A-Z a-z 0-9 . _ : / - as a regular expression of any dialect."""
    return text.replace(".", r"\.")
