"""Answers of a registry, read without being trusted."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from clients.registry_names import is_digest
from clients.registry_refusals import RegistryError
from release.json_document import json_of

MOST_BYTES = 8 << 20
"""Of an answer that is read at once: a manifest has 4 MiB at most, and a list comes in pages."""


def read_whole(answer: requests.Response, host: str) -> None:
    """Reads the body of a streamed answer, which then has it as `content`.

    Raises RegistryError for one of more than MOST_BYTES, requests' errors if it breaks off.
    """
    body = bytearray()
    for piece in answer.iter_content(1 << 16):
        body += piece
        if len(body) > MOST_BYTES:
            answer.close()
            raise RegistryError(
                f"registry {host} answers with more than {MOST_BYTES >> 20} MiB where a short "
                "text belongs; it is not usable"
            )
    answer._content = bytes(body)  # where requests itself keeps what it has read


def object_of(data: bytes, where: str) -> dict[str, Any]:
    """The JSON object of an answer or a blob. Raises RegistryError for anything else."""
    try:
        document = json_of(data)
    except ValueError as error:
        raise RegistryError(f"{where} {error}; is it a registry?", "MANIFEST_INVALID") from None
    if not isinstance(document, dict):
        kind = type(document).__name__
        raise RegistryError(f"{where} is no JSON object but a {kind}", "MANIFEST_INVALID")
    return document


def listed(document: dict[str, Any], key: str, kind: type) -> list[Any]:
    """The entries of that kind in a list of the document; none if there is no list."""
    found = document.get(key)
    return [each for each in found if isinstance(each, kind)] if isinstance(found, list) else []


def digest_in(answer: requests.Response, where: str) -> str | None:
    """The digest that the answer's header tells; None without one.

    Raises RegistryError for what is none: it would be handed on to hosts and clusters.
    """
    said = answer.headers.get("Docker-Content-Digest")
    if said and not is_digest(said):
        raise RegistryError(
            f"{where}: the registry says that its digest is {said[:100]!r}; allowed: "
            "sha256:<64 hex digits>",
            "DIGEST_INVALID",
        )
    return said or None


def next_page(answer: requests.Response, path: str) -> str | None:
    """The path of the next page of a list, on the same host; None on the last one."""
    url = (answer.links.get("next") or {}).get("url")
    if not url:
        return None
    try:
        parts = urlsplit(urljoin(path, str(url)))
    except ValueError as error:
        raise RegistryError(f"the registry's next page is nowhere: {error}") from None
    return f"/{parts.path.lstrip('/')}?{parts.query}"
