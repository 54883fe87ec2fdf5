"""The calls about published versions."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from localcloud.lambda_.answers import configuration
from localcloud.lambda_.call import Call, Route
from localcloud.lambda_.directory import Directory
from localcloud.lambda_.pages import page
from localcloud.lambda_.records import LATEST, Function, Version
from localcloud.lambda_.refusals import conflict, invalid
from localcloud.lambda_.updates import Updates, pending

PATH = "/2015-03-31/functions/{function}/versions"


class Versions:
    """Publishes, lists and deletes versions."""

    def __init__(
        self, directory: Directory, updates: Updates, retire: Callable[[str], None]
    ) -> None:
        self._directory, self._updates, self._retire = directory, updates, retire

    def routes(self) -> list[Route]:
        """Their routes."""
        return [
            Route(method="POST", path=PATH, status=201, handler=self.publish),
            Route(method="GET", path=PATH, status=200, handler=self.list),
        ]

    def publish(self, call: Call) -> dict[str, Any]:
        """PublishVersion: the same version again while nothing has changed since."""
        function, body = self._directory.unqualified(call), call.json
        with function.lock:
            self._updates.refuse(function, body.get("RevisionId"))
            sha = function.latest.code.digest.removeprefix("sha256:")
            asked = body.get("CodeSha256")
            if asked and asked != sha:
                raise invalid(
                    f"CodeSHA256 ({asked}) is different from current CodeSHA256 in $LATEST "
                    f"({sha}). Please try again with the CodeSHA256 in $LATEST."
                )
            version = self.next(function, body.get("Description"))
            if version.number not in function.versions:
                self._updates.publish(function, version)
            return configuration(function, version, version.number)

    def list(self, call: Call) -> dict[str, Any]:
        """ListVersionsByFunction: $LATEST first, then oldest to newest."""
        function, _ = self._directory.find(call)
        every = [function.latest, *function.versions.values()]
        return page([configuration(function, v, v.number) for v in every], call, "Versions")

    def next(self, function: Function, description: str | None) -> Version:
        """The version for what $LATEST is now: the last one, or a new one that nobody keeps yet."""
        last = function.versions.get(str(function.published))
        if last is not None and same(last, function.latest):
            return last
        function.published += 1
        return pending(str(function.published), function.latest, description)

    def delete(self, function: Function, qualifier: str) -> None:
        """Deletes a version; raises AwsError if an alias leads to it."""
        if qualifier == LATEST:
            raise invalid("$LATEST version cannot be deleted without deleting the function.")
        if not qualifier.isdigit():
            raise invalid("Deletion of aliases is not currently supported.")
        with function.lock:
            holders = [
                alias.name
                for alias in function.aliases.values()
                if alias.version == qualifier or qualifier in alias.weights
            ]
            if holders:
                raise conflict(
                    "Unable to delete version because the following aliases reference it: "
                    f"[{', '.join(holders)}]"
                )
            gone = function.versions.pop(qualifier, None)
        if gone is not None:
            self._retire(gone.build)

    def retire(self, function: Function) -> None:
        """Ends all that runs of a function."""
        for version in (function.serving, *function.versions.values()):
            self._retire(version.build)


def same(version: Version, latest: Version) -> bool:
    """Whether a version has $LATEST's code and configuration; descriptions don't count."""
    mine, its = (replace(each.settings, description="") for each in (version, latest))
    return mine == its and version.code.digest == latest.code.digest
