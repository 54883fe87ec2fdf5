"""A kubeconfig: which API, whose authority, which credentials."""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from clients import ClientError
from release.record_text import plain
from release.yaml_document import yaml_of

_MEMORY = Path("/dev/shm")  # noqa: S108 -- of mode 0600, and gone at once
_SERVER = re.compile(r"https://[\x21-\x7e]{1,500}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,20000}")
_HOW = "take the text that `microk8s config` prints"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One API, and how to speak to it."""

    server: str
    """https://host:port."""
    name: str
    """What the kubeconfig calls it."""
    authority: bytes | None = None
    """The certificate of its authority, PEM; None: one that this machine trusts anyway."""
    token: str | None = field(default=None, repr=False)
    """A bearer token."""
    certificate: bytes | None = None
    """A client certificate, PEM."""
    key: bytes | None = field(default=None, repr=False)
    """Its key, PEM."""


def cluster_of(kubeconfig: str) -> Cluster:
    """The cluster of the current context. Raises ClientError for what is no usable kubeconfig.

    Nothing of the text is repeated in an error: it holds credentials.
    """
    try:
        document = yaml_of(kubeconfig)
    except ValueError:
        document = None
    if not isinstance(document, Mapping) or document.get("kind") != "Config":
        raise ClientError(f"the kubeconfig is none (kind: Config is missing): {_HOW}")
    context = _named(document, "contexts", document.get("current-context"), "context")
    place = _named(document, "clusters", context.get("cluster"), "cluster")
    user = _named(document, "users", context.get("user"), "user")
    if not _SERVER.fullmatch(str(place.get("server", ""))):
        raise ClientError("the kubeconfig's server is no https:// address: " + _HOW)
    if place.get("insecure-skip-tls-verify"):
        raise ClientError(
            "the kubeconfig says insecure-skip-tls-verify, so anybody could be that cluster: "
            f"{_HOW}, which has the authority's certificate"
        )
    found = Cluster(
        server=str(place["server"]).rstrip("/"),
        name=plain(str(context.get("cluster")), 100),
        authority=_data(place, "certificate-authority-data"),
        token=_token(user),
        certificate=_data(user, "client-certificate-data"),
        key=_data(user, "client-key-data"),
    )
    if not found.token and not (found.certificate and found.key):
        raise ClientError(
            "the kubeconfig's user has no token and no client certificate in it (files and exec "
            f"plugins of another machine can't be used here): {_HOW}"
        )
    return found


def tls_of(cluster: Cluster) -> ssl.SSLContext:
    """What its connections are made with: no other authority than the cluster's own is believed."""
    context = ssl.create_default_context()
    try:
        if cluster.authority is not None:
            # Not `cadata` of the constructor: that would leave this machine's authorities in.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cadata=cluster.authority.decode())
        if cluster.certificate and cluster.key:
            _load_certificate(context, cluster.certificate, cluster.key)
    except (ssl.SSLError, UnicodeDecodeError) as error:
        raise ClientError(
            f"the kubeconfig's certificates can't be read ({error}): {_HOW}"
        ) from None
    return context


def _load_certificate(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    # Python takes files alone; ours lives in memory, for as long as it is read.
    with NamedTemporaryFile(prefix="slipway-", dir=_MEMORY if _MEMORY.is_dir() else None) as file:
        file.write(certificate + b"\n" + key)
        file.flush()
        context.load_cert_chain(file.name)


def _named(document: Mapping[str, Any], part: str, name: object, key: str) -> Mapping[str, Any]:
    listed = document.get(part)
    entries = listed if isinstance(listed, list) else []
    found = next((each for each in entries if isinstance(each, Mapping)
                  and each.get("name") == name), None)  # fmt: skip
    if name is None or found is None or not isinstance(found.get(key), Mapping):
        raise ClientError(f"the kubeconfig has no {key} {repr(name)[:100]}: {_HOW}")
    return dict(found[key])


def _token(user: Mapping[str, Any]) -> str | None:
    token = user.get("token")
    # It becomes a header, and what can't be one would be shown by the error that says so.
    if token is not None and not (isinstance(token, str) and _TOKEN.fullmatch(token)):
        raise ClientError(
            "the kubeconfig's token is none (spaces, line breaks or letters outside of ASCII): "
            f"{_HOW}"
        )
    return token


def _data(entry: Mapping[str, Any], key: str) -> bytes | None:
    text = entry.get(key)
    if text is None:
        return None
    try:
        return base64.b64decode(str(text), validate=True)
    except ValueError:
        raise ClientError(f"the kubeconfig's {key} is not base64: {_HOW}") from None
