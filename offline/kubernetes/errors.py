"""What can go wrong between this plugin and a cluster."""

from collections.abc import Mapping
from typing import Any


class NoKindError(LookupError):
    """The API does not serve such a kind."""


class UnreachableError(Exception):
    """The API did not answer, or was not the one that the kubeconfig means."""

    def __init__(self, name: str, server: str, cause: Exception) -> None:
        self.certain = False
        super().__init__(f"the API of the cluster {name} at {server} {self._why(str(cause))}")

    def _why(self, text: str) -> str:
        if "CERTIFICATE_VERIFY_FAILED" in text:
            self.certain = True
            return (
                "shows a certificate of another authority: the kubeconfig is of another cluster, "
                "or the cluster was made anew; take its kubeconfig anew"
            )
        if "certificate" in text and "expired" in text:
            self.certain = True
            return "refuses the client certificate, which has expired; take its kubeconfig anew"
        return (
            "does not answer; is it running, and does this machine reach it? Nothing was changed "
            "and nothing was dropped from the state"
        )


class ApiError(Exception):
    """The API said no; `code` is HTTP's, `reason` Kubernetes' own word, such as Conflict."""

    def __init__(self, server: str, code: int, status: Mapping[str, Any], words: str = "") -> None:
        self.code = code
        self.from_api = status.get("kind") == "Status"
        """Whether the answer is the API's own and not that of something before it."""
        self.reason = str(status.get("reason") or "")
        details = status.get("details")
        self._name = str((details if isinstance(details, Mapping) else {}).get("name") or "")
        said = str(status.get("message") or words or "no reason given")[:1500]
        if not self.from_api:
            said = f"{server} does not answer as a Kubernetes API does: {code} {said}"
        super().__init__(said)

    def names(self, name: str) -> bool:
        """Whether it says that there is no object of this name: only that means "gone"."""
        return self.code == 404 and self.reason == "NotFound" and self._name == name


class NotReadyError(Exception):
    """An object is there, and did not become what it should."""
