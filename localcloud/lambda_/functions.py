"""The calls that make, change, show and delete functions."""

from dataclasses import replace
from typing import Any

from localcloud.lambda_.answers import configuration, qualified
from localcloud.lambda_.call import NAME, Call, Reply, Route, now
from localcloud.lambda_.directory import Directory
from localcloud.lambda_.pages import page
from localcloud.lambda_.records import LATEST, Function, Settings, Version
from localcloud.lambda_.refusals import conflict, constraint, invalid, unassumable
from localcloud.lambda_.roles import assumable
from localcloud.lambda_.settings import architecture, changed, initial
from localcloud.lambda_.source import resolve
from localcloud.lambda_.updates import CREATING, Updates
from localcloud.lambda_.versions import Versions

ROOT = "/2015-03-31/functions"
ONE = ROOT + "/{function}"


class Functions:
    """Answers the calls about functions as a whole and about $LATEST."""

    def __init__(self, directory: Directory, updates: Updates, versions: Versions) -> None:
        self._directory, self._updates, self._versions = directory, updates, versions

    def routes(self) -> list[Route]:
        """Their routes."""
        return [
            Route(method="POST", path=ROOT, status=201, handler=self.create),
            Route(method="GET", path=ROOT, status=200, handler=self.list),
            Route(method="GET", path=ONE, status=200, handler=self.get),
            Route(method="DELETE", path=ONE, status=204, handler=self.delete),
            Route(method="GET", path=ONE + "/configuration", status=200, handler=self.show),
            Route(method="PUT", path=ONE + "/configuration", status=200, handler=self.configure),
            Route(method="PUT", path=ONE + "/code", status=200, handler=self.update_code),
        ]

    def create(self, call: Call) -> dict[str, Any]:
        """CreateFunction: Pending at first."""
        body = call.json
        found = NAME.fullmatch(str(body.get("FunctionName", "")))
        if not found or found["qualifier"]:
            pattern = f"satisfy regular expression pattern: {NAME.pattern}"
            raise constraint(body.get("FunctionName"), "functionName", pattern)
        name = found["name"]
        refuse_zip(body)
        settings = initial(name, body)
        refuse_role(settings)
        code = resolve(str(body["Code"]["ImageUri"]), call.account, call.region)
        if self._directory.named(call.account, call.region, name):
            raise conflict(f"Function already exist: {name}")
        version = Version(
            number=LATEST, settings=settings, code=code, modified=now(),
            state="Pending", state_reason=CREATING, update=None,
        )  # fmt: skip
        function = Function(
            name=name, account=call.account, region=call.region, latest=version, serving=version,
            tags=dict(body.get("Tags") or {}),
        )  # fmt: skip
        published = self._versions.next(function, None) if body.get("Publish") else None
        self._directory.add(function)
        self._updates.begin(function, version, published)
        shown = published or version
        return configuration(function, shown, qualified(shown))

    def list(self, call: Call) -> dict[str, Any]:
        """ListFunctions, with FunctionVersion=ALL all versions."""
        shown = []
        for function in self._directory.all(call.account, call.region):
            every = call.query.get("FunctionVersion") == "ALL"
            shown.append(configuration(function, function.latest, LATEST if every else None))
            more = function.versions.values() if every else ()
            shown += [configuration(function, each, each.number) for each in more]
        return page(shown, call, "Functions")

    def get(self, call: Call) -> dict[str, Any]:
        """GetFunction: configuration, image and tags."""
        function, version, qualifier = self._directory.version(call)
        answer: dict[str, Any] = {
            "Configuration": configuration(function, version, qualifier),
            "Code": {
                "RepositoryType": "ECR",
                "ImageUri": version.code.uri,
                "ResolvedImageUri": version.code.resolved,
            },
        }
        if function.tags:
            answer["Tags"] = dict(function.tags)
        if function.concurrency is not None:
            answer["Concurrency"] = {"ReservedConcurrentExecutions": function.concurrency}
        return answer

    def show(self, call: Call) -> dict[str, Any]:
        """GetFunctionConfiguration."""
        return configuration(*self._directory.version(call))

    def configure(self, call: Call) -> dict[str, Any]:
        """UpdateFunctionConfiguration, of $LATEST alone."""
        function, body = self._directory.unqualified(call), call.json
        with function.lock:
            self._updates.refuse(function, body.get("RevisionId"))
            settings = changed(function.latest.settings, body)
            refuse_role(settings)
            latest = function.latest
            wanted = Version(
                number=LATEST, settings=settings, code=latest.code, modified=now(),
                update="InProgress",
            )  # fmt: skip
            self._updates.begin(function, wanted, None)
            return configuration(function, function.latest, None)

    def update_code(self, call: Call) -> dict[str, Any]:
        """UpdateFunctionCode: the image of this moment, whatever its tag names later."""
        function, body = self._directory.unqualified(call), call.json
        if not body.get("ImageUri"):
            raise invalid(
                "Please provide ImageUri when updating a function with packageType Image."
            )
        with function.lock:
            self._updates.refuse(function, body.get("RevisionId"))
            settings = function.latest.settings
            if body.get("Architectures"):
                settings = replace(settings, architecture=architecture(body["Architectures"]))
            code = resolve(str(body["ImageUri"]), function.account, function.region)
            wanted = Version(
                number=LATEST, settings=settings, code=code, modified=now(), update="InProgress"
            )
            if body.get("DryRun"):
                return configuration(function, replace(wanted, update="Successful"), None)
            function.latest = wanted
            published = self._versions.next(function, None) if body.get("Publish") else None
            fresh = published if published and published.number not in function.versions else None
            self._updates.begin(function, wanted, fresh)
            shown = published or function.latest
            return configuration(function, shown, qualified(shown))

    def delete(self, call: Call) -> Reply:
        """DeleteFunction: the function with all of its versions, or one version."""
        function, qualifier = self._directory.find(call)
        if qualifier is not None:
            self._versions.delete(function, qualifier)
        else:
            self._directory.remove(function)
            self._versions.retire(function)
        return Reply(status=204)


def refuse_zip(body: dict[str, Any]) -> None:
    """Raises AwsError for anything but a function from an image."""
    if body.get("PackageType") != "Image" or not (body.get("Code") or {}).get("ImageUri"):
        raise invalid(
            "The local cloud runs functions from container images alone: "
            "give PackageType Image and Code.ImageUri"
        )
    if any(body.get(key) for key in ("Runtime", "Handler", "Layers")):
        raise invalid(
            "Please don't provide Handler or Runtime or Layer when the intent is to create "
            "a function with PackageType as Image."
        )


def refuse_role(settings: Settings) -> None:
    """Raises AwsError for a role that Lambda can't take on."""
    if assumable(settings.role) is None:
        raise unassumable()
