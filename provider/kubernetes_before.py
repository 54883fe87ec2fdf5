"""What is looked at, and held fast, before a deployment is switched."""

from __future__ import annotations

from clients import ClientError
from clients.kubernetes import MANAGER, Document, KubernetesError
from provider.index_children import AskedImage
from provider.kubernetes_inputs import KubernetesInputs
from provider.kubernetes_place import Place
from provider.resource import Old

SCALER = "slipway-scale"
"""The field manager of a number of pods that is an autoscaler's from now on."""


def check_place(place: Place, wanted: KubernetesInputs, image: AskedImage, old: Old | None) -> None:
    """Raises ClientError for what can't become anything: an owner that is gone, or an image that
    no node can run."""
    _check_owner(place, wanted)
    if old is None or old.inputs.get("digest") != wanted.digest:
        _check_architecture(place, image)


def keep_scale(place: Place, wanted: KubernetesInputs) -> None:
    """Keeps the number of pods where an autoscaler takes it over.

    What our manifests name no more falls back to its default, one pod, unless it is somebody
    else's by then.
    https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
    """
    if wanted.scheduled or "replicas" in wanted.workload["spec"]:
        return
    live = place.workload()
    if live is None or not _is_ours(live):
        return
    kept = {
        "apiVersion": live["apiVersion"],
        "kind": live["kind"],
        "metadata": {"name": place.service, "namespace": place.namespace},
        "spec": {"replicas": live["spec"]["replicas"]},
    }
    place.api.apply(kept, manager=SCALER)


def _is_ours(live: Document) -> bool:
    return any(
        entry.get("manager") == MANAGER and "f:replicas" in entry["fieldsV1"].get("f:spec", {})
        for entry in live["metadata"].get("managedFields") or []
    )


def _check_owner(place: Place, wanted: KubernetesInputs) -> None:
    if not wanted.owner:
        return
    account = place.api.get("ServiceAccount", place.namespace, place.service)
    if account is None or account["metadata"]["uid"] != wanted.owner:
        raise ClientError(
            f"the service account {place.service} of {place.namespace} was deleted by somebody, "
            "and the cluster deletes what belongs to it: pulumi up --refresh makes all of it anew"
        )


def _check_architecture(place: Place, image: AskedImage) -> None:
    try:
        nodes = place.api.listed("Node", "", {})
    except KubernetesError as error:
        if error.code == 403:  # who may act in a namespace alone: the pods will tell
            return
        raise
    runs = {f"linux/{each['status']['nodeInfo']['architecture']}" for each in nodes}
    if runs and image.platforms and not runs & set(image.platforms):
        raise ClientError(
            f"the image is for {', '.join(image.platforms)}, and the nodes of the cluster run "
            f"{', '.join(sorted(runs))}: build it for them (`platforms` in slipway:build or in the "
            "image's image.yaml)"
        )
