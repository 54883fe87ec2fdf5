"""What the API of a cluster refuses, and why it does not answer, in words."""

from __future__ import annotations

import requests

from clients import ClientError
from clients.kubernetes_config import Cluster
from release.json_document import json_of


class KubernetesError(ClientError):
    """The API refused or could not be reached; `code` is HTTP's, 0 without an answer."""

    def __init__(self, message: str, code: int = 0, reason: str = "") -> None:
        """`reason` is Kubernetes' own word, such as Conflict, Forbidden or NotFound."""
        super().__init__(message)
        self.code = code
        self.reason = reason


def refusal(cluster: Cluster, what: str, answer: requests.Response) -> KubernetesError:
    """The error that an answer of the API is, in its own words."""
    try:
        said_by = json_of(answer.content)
    except ValueError:
        said_by = None
    status = said_by if isinstance(said_by, dict) else {}
    said = str(status.get("message") or answer.reason)[:600]
    if answer.status_code == 401:
        said = (
            f"{cluster.server} does not know these credentials ({said}): they have expired or are "
            "another cluster's; take the text of `microk8s config` anew"
        )
    return KubernetesError(f"{what}: {said}", answer.status_code, str(status.get("reason") or ""))


def why(error: requests.RequestException) -> str:
    """Why there was no answer, for a person who has a kubeconfig."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return (
            "shows a certificate of another authority: this kubeconfig is of another cluster, or "
            "the cluster was made anew; take the text of `microk8s config` of the one that is meant"
        )
    if "certificate expired" in text or "certificate has expired" in text:
        return "refuses the client certificate, which has expired; take `microk8s config` anew"
    if isinstance(error, requests.ConnectTimeout | requests.ConnectionError):
        return "does not answer; is it running, and does this machine reach it?"
    return f"broke off: {text[:200]}"
