"""Objects between Pulumi's properties and the cluster's documents."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from offline.plugin.check import RefusedError, way_out
from offline.plugin.wire import State, secret

AUTONAMED = "pulumi.com/autonamed"
FORCE = "pulumi.com/patchForce"
MANAGER = "pulumi.com/patchFieldManager"
PROPAGATION = "pulumi.com/deletionPropagationPolicy"
SKIP_AWAIT = "pulumi.com/skipAwait"
TIMEOUT = "pulumi.com/timeoutSeconds"
NOT_KNOWN = ("pulumi.com/waitFor", "pulumi.com/replaceUnready")
"""Annotations that only the official plugin follows."""
_NO_OBJECTS = ("helm.sh", "kustomize", "yaml", "index")
_SECRETS = ("data", "stringData")
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def kind_of(token: str, inputs: Mapping[str, Any]) -> tuple[str, str]:
    """apiVersion and kind of kubernetes:apps/v1:Deployment. Raises RefusedError for no object."""
    _, place, kind = token.split(":")
    api_version = str(inputs.get("apiVersion") or place.removeprefix("core/"))
    if place.split("/")[0] in _NO_OBJECTS or kind.endswith(("Patch", "List")):
        raise RefusedError(
            f"{token}: the offline kubernetes plugin makes single objects of the cluster, no "
            f"patches, lists, charts or files of them; {way_out(token)}"
        )
    return api_version, str(inputs.get("kind") or kind)


def annotation(inputs: Mapping[str, Any], name: str) -> str:
    """Its text, empty if there is none."""
    found = (metadata_of(inputs).get("annotations") or {}).get(name)
    return "" if found is None else str(found)


def metadata_of(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The metadata, empty if there is none."""
    found = inputs.get("metadata")
    return found if isinstance(found, Mapping) else {}


def identity(live: Mapping[str, Any]) -> str:
    """The id that the official plugin gives: namespace/name, or the name alone."""
    metadata = metadata_of(live)
    name = str(metadata["name"])
    return f"{metadata['namespace']}/{name}" if metadata.get("namespace") else name


def split_identity(identity_: str) -> tuple[str, str]:
    """Namespace (empty for none) and name."""
    namespace, _, name = identity_.rpartition("/")
    return namespace, name


def without_extras(value: Any) -> Any:
    """Without what is null and what Pulumi keeps for itself."""
    if isinstance(value, Mapping):
        return {
            key: without_extras(item)
            for key, item in value.items()
            if item is not None and not key.startswith("__")
        }
    return [without_extras(item) for item in value] if isinstance(value, list) else value


def state_of(live: Mapping[str, Any], manager: str, initial: str) -> State:
    """What the state keeps: the object, less what nobody reads there and what could be a secret."""
    metadata = {key: item for key, item in metadata_of(live).items() if key != "managedFields"}
    if annotations := metadata.get("annotations"):
        metadata["annotations"] = {k: v for k, v in annotations.items() if k != _APPLIED}
    kept = {"__fieldManager": manager, "__initialApiVersion": initial}
    return {**live, "metadata": metadata, **kept}


def guarded(inputs: Mapping[str, Any], kind: str) -> State:
    """With the values of a Secret marked as such, so that no diff and no log shows them."""
    if kind != "Secret":
        return dict(inputs)
    return {
        key: secret(value) if key in _SECRETS and value is not None else value
        for key, value in inputs.items()
    }


def secret_values(body: Mapping[str, Any]) -> list[str]:
    """Every value of a Secret, as given and decoded."""
    found: list[str] = []
    for part in _SECRETS if body.get("kind") == "Secret" else ():
        values = body.get(part)
        for value in values.values() if isinstance(values, Mapping) else ():
            found += [str(value), decoded(str(value))]
    return found


def decoded(value: str) -> str:
    """The text of base64, as it is if it is none."""
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return value
