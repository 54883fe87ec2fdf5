"""A kubeconfig: which API, whose authority, which credentials.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

import base64
import binascii
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import yaml

from offline.plugin.definition import ConfigurationError

from .settings import Settings

_MEMORY = Path("/dev/shm")  # noqa: S108 -- of mode 0600, and gone at once
_AT = "kubernetes:kubeconfig"


@dataclass(frozen=True, kw_only=True)
class Access:
    """One API, and how to speak to it."""

    server: str
    """https://host:port."""
    name: str
    """What the kubeconfig calls the cluster."""
    namespace: str = "default"
    """Of the context."""
    authority: bytes | None = None
    """The certificate of its authority, PEM; None: one that this machine trusts anyway."""
    verify: bool = True
    """Whether the server has to show who it is."""
    token: str | None = field(default=None, repr=False)
    """A bearer token."""
    certificate: bytes | None = None
    """A client certificate, PEM."""
    key: bytes | None = field(default=None, repr=False)
    """Its key, PEM."""


def access_of(chosen: Settings) -> Access:
    """Whom the settings mean. Raises ConfigurationError, which repeats nothing of the text."""
    text, folder = _text(chosen.kubeconfig)
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        document = None
    if not isinstance(document, Mapping) or not document.get("clusters"):
        raise ConfigurationError(f"{_AT}: no kubeconfig: a YAML document with clusters is expected")
    wanted = chosen.context or document.get("current-context")
    context = _entry(document, "contexts", wanted, "context")
    name = chosen.cluster or context.get("cluster")
    place = _entry(document, "clusters", name, "cluster")
    user = _entry(document, "users", context.get("user"), "user")
    for key in ("exec", "auth-provider", "username"):
        if user.get(key):
            raise ConfigurationError(
                f"{_AT}: its user logs in by {key}, which the stand-in can't; allowed: a token or "
                "a client certificate"
            )
    return Access(
        server=str(place.get("server") or "").rstrip("/"),
        name=str(name),
        namespace=str(context.get("namespace") or "default"),
        authority=_data(place, "certificate-authority", folder),
        verify=not place.get("insecure-skip-tls-verify"),
        token=_token(user, folder),
        certificate=_data(user, "client-certificate", folder),
        key=_data(user, "client-key", folder),
    )


def tls_of(access: Access) -> ssl.SSLContext:
    """What its connections are made with: no authority but the cluster's own is believed."""
    context = ssl.create_default_context()
    try:
        if access.authority is not None:
            # Not `cadata` of the constructor: that would leave this machine's authorities in.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cadata=access.authority.decode())
        if access.certificate and access.key:
            _load(context, access.certificate, access.key)
    except (ssl.SSLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{_AT}: its certificates can't be read: {error}") from None
    if not access.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _load(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    # Python takes files alone; ours lives in memory, for as long as it is read.
    with NamedTemporaryFile(prefix="pulumi-", dir=_MEMORY if _MEMORY.is_dir() else None) as file:
        file.write(certificate + b"\n" + key)
        file.flush()
        context.load_cert_chain(file.name)


def _text(given: str | None) -> tuple[str, Path]:
    """The text, and the folder that its relative paths start from."""
    if given and ("\n" in given or given.lstrip().startswith("{")):
        return given, Path.cwd()
    path = Path(given or os.environ.get("KUBECONFIG") or "~/.kube/config").expanduser()
    try:
        return path.read_text(), path.resolve().parent
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{_AT}: {path} can't be read ({error}); give the text or the path of one file "
            "(kubernetes:kubeconfig, KUBECONFIG)"
        ) from None


def _entry(document: Mapping[str, Any], part: str, name: object, key: str) -> Mapping[str, Any]:
    entries = document.get(part) or []
    named = [each for each in entries if isinstance(each, Mapping) and each.get("name") == name]
    found = named[0].get(key) if named and name else None
    if not isinstance(found, Mapping):
        known = [str(each.get("name")) for each in entries if isinstance(each, Mapping)]
        raise ConfigurationError(
            f"{_AT}: there is no {key} '{name or ''}' in it; there are: "
            f"{', '.join(known) or 'none'}"
        )
    return found


def _token(user: Mapping[str, Any], folder: Path) -> str | None:
    if user.get("token") or not user.get("tokenFile"):
        return user.get("token")
    return _file(folder / str(user["tokenFile"])).decode().strip()


def _data(entry: Mapping[str, Any], key: str, folder: Path) -> bytes | None:
    if text := entry.get(f"{key}-data"):
        try:
            return base64.b64decode(str(text), validate=True)
        except binascii.Error:
            raise ConfigurationError(f"{_AT}: its {key}-data is not base64") from None
    return _file(folder / str(entry[key])) if entry.get(key) else None


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{_AT}: it names {path}, which can't be read: {error}") from None
