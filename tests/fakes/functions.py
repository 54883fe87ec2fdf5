"""AWS Lambda as boto3 shows it: one function, made of an image that behaves as it was told to."""

from __future__ import annotations

import base64
import io
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError


class FakeLambda:
    """The client `lambda`."""

    def __init__(self, repository: str, digest: str) -> None:
        self.repository = repository
        self.latest = digest
        self.configuration = "a"
        self.versions: list[tuple[str, str]] = []
        """Digest and configuration; the first is version 1."""
        self.aliases: dict[str, dict[str, Any]] = {}
        self.behaviour: dict[str, str] = {}
        """By digest: good, fails or hangs."""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refusals: dict[str, list[str]] = {}
        """By call: error codes to raise, one after the other."""
        self.busy = 0
        """How many looks the next update takes."""
        self.update = "Successful"
        self.bad_images: set[str] = set()
        self.meddler: str | None = None
        """The version that somebody else points the alias at, once it was moved."""
        self._revision = 0

    @property
    def writes(self) -> list[str]:
        """The calls that change something, or call the function."""
        return [name for name, _ in self.calls if not name.startswith("get")]

    def of(self, call: str) -> list[dict[str, Any]]:
        """The arguments of each call of that name."""
        return [words for name, words in self.calls if name == call]

    def get_function(self, **words: Any) -> dict[str, Any]:
        self._begin("get_function", words)
        which = words.get("Qualifier")
        if which in self.aliases:
            which = self.aliases[which]["FunctionVersion"]
        if which is not None and not (which.isdigit() and int(which) <= len(self.versions)):
            raise refused("ResourceNotFoundException")
        digest = self.versions[int(which) - 1][0] if which else self.latest
        state = "InProgress" if self.busy > 0 else self.update
        self.busy -= 1
        image = f"{self.repository}@{digest}"
        return {
            "Configuration": {
                "FunctionName": "notifier",
                "Version": which or "$LATEST",
                "CodeSha256": digest.removeprefix("sha256:"),
                "RevisionId": str(self._revision),
                "State": "Active",
                "LastUpdateStatus": state,
                "LastUpdateStatusReason": "the image is for arm64" if state == "Failed" else None,
            },
            "Code": {"ImageUri": image, "ResolvedImageUri": image},
        }

    def update_function_code(self, **words: Any) -> None:
        self._begin("update_function_code", words)
        if words["RevisionId"] != str(self._revision):
            raise refused("PreconditionFailedException")
        self._revision += 1
        digest = words["ImageUri"].partition("@")[2]
        self.update = "Failed" if digest in self.bad_images else "Successful"
        if self.update != "Failed":
            self.latest = digest

    def publish_version(self, **words: Any) -> dict[str, str]:
        self._begin("publish_version", words)
        if words["CodeSha256"] != self.latest.removeprefix("sha256:"):
            raise refused("InvalidParameterValueException")
        content = (self.latest, self.configuration)
        if not self.versions or self.versions[-1] != content:
            self.versions.append(content)
        return {"Version": str(len(self.versions))}

    def invoke(self, **words: Any) -> dict[str, Any]:
        self._begin("invoke", words)
        digest = self.versions[int(words["Qualifier"]) - 1][0]
        how = self.behaviour.get(digest, "good")
        if how == "hangs":
            raise ReadTimeoutError(endpoint_url="https://lambda")
        answer = {"StatusCode": 200, "Payload": io.BytesIO(b'{"ok": true}')}
        if how == "fails":
            log = base64.b64encode(b"START\n\x1b[31mno key\x1b[0m\n").decode()
            answer |= {"FunctionError": "Unhandled", "LogResult": log}
            answer |= {"Payload": io.BytesIO(b'{"errorMessage": "KeyError: KEY"}')}
        return answer

    def get_alias(self, **words: Any) -> dict[str, Any]:
        self._begin("get_alias", words)
        if words["Name"] not in self.aliases:
            raise refused("ResourceNotFoundException")
        return self.aliases[words["Name"]]

    def create_alias(self, **words: Any) -> None:
        self._begin("create_alias", words)
        self._point(words)

    def update_alias(self, **words: Any) -> None:
        self._begin("update_alias", words)
        if words["RevisionId"] != self.aliases[words["Name"]]["RevisionId"]:
            raise refused("PreconditionFailedException")
        self._point(words)

    def delete_alias(self, **words: Any) -> None:
        self._begin("delete_alias", words)
        del self.aliases[words["Name"]]

    def _point(self, words: dict[str, Any]) -> None:
        self._revision += 1
        version = self.meddler or words["FunctionVersion"]
        self.meddler = None
        self.aliases[words["Name"]] = {
            "FunctionVersion": version,
            "RevisionId": str(self._revision),
        }

    def _begin(self, name: str, words: dict[str, Any]) -> None:
        self.calls.append((name, words))
        codes = self.refusals.get(name, [])
        if codes:
            raise refused(codes.pop(0))


def refused(code: str) -> ClientError:
    """AWS's refusal."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "call")
