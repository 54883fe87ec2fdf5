"""Secrets of a namespace: the login of the registry, and a service's secret variables."""

from __future__ import annotations

import base64
import json

from clients.aws import AwsAccess
from clients.kubernetes import Document
from clients.registry_auth import Keychain
from clients.registry_names import split_repository
from clients.secret_values import values_of
from provider.kubernetes_inputs import KubernetesInputs
from provider.kubernetes_place import Place
from provider.rollout import split_image

PULL_SECRET = "registry"  # noqa: S105 -- its name


def write_login(place: Place, keychain: Keychain, wanted: KubernetesInputs) -> None:
    """A fresh login, which ECR takes for twelve hours. Raises AwsError or KubernetesError."""
    host, _ = split_repository(split_image(wanted.image)[0])
    keychain.forget(host)
    found = keychain.credentials(host)
    if found is None:
        return
    token = base64.b64encode(f"{found.user}:{found.password}".encode()).decode()
    text = json.dumps({"auths": {host: {"auth": token}}})
    document = _secret(place, PULL_SECRET, {".dockerconfigjson": text})
    # The namespace's, not this service's: without the labels that `prune` looks for.
    document["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "slipway"}
    place.api.apply({**document, "type": "kubernetes.io/dockerconfigjson"})


def write_variables(place: Place, access: AwsAccess, wanted: KubernetesInputs) -> None:
    """The secret that the pods read their variables from, with the values of this moment."""
    if not wanted.references:
        return
    document = _secret(place, wanted.secret, values_of(access, wanted.references))
    place.api.apply(wanted.owned({**document, "type": "Opaque"}))


def _secret(place: Place, name: str, texts: dict[str, str]) -> Document:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": place.namespace, "labels": place.labels},
        "data": {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()},
    }
