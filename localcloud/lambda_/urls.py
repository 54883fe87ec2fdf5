"""The calls about function URLs."""

import re
from dataclasses import replace
from typing import Any

from localcloud.lambda_.answers import url_answer
from localcloud.lambda_.call import Call, Reply, Route, now
from localcloud.lambda_.directory import Directory
from localcloud.lambda_.pages import page
from localcloud.lambda_.records import Function, UrlConfig
from localcloud.lambda_.refusals import conflict, constraint, invalid, not_found
from localcloud.lambda_.url_server import UrlServer, url_id_of

PATH = "/2021-10-31/functions/{function}/url"
ALIAS = re.compile(r"(?!^\d+$)^[0-9a-zA-Z-_]+$")


class Urls:
    """Makes, changes, shows and deletes function URLs."""

    def __init__(self, directory: Directory, server: UrlServer, index: "UrlIndex") -> None:
        self._directory, self._server, self._index = directory, server, index

    def routes(self) -> list[Route]:
        """Their routes."""
        return [
            Route(method="POST", path=PATH, status=201, handler=self.create),
            Route(method="GET", path=PATH, status=200, handler=self.get),
            Route(method="PUT", path=PATH, status=200, handler=self.update),
            Route(method="DELETE", path=PATH, status=204, handler=self.delete),
            Route(method="GET", path=PATH + "s", status=200, handler=self.list),
        ]

    def create(self, call: Call) -> dict[str, Any]:
        """CreateFunctionUrlConfig: it answers at once."""
        function, qualifier = self._resource(call)
        body, moment = call.json, now()
        with function.lock:
            if qualifier in function.urls:
                raise conflict(
                    f"Failed to create function url config for [functionArn = {function.arn}]. "
                    "Error message:  FunctionUrlConfig exists for this Lambda function"
                )
            url_id = url_id_of(function.arn, qualifier)
            config = UrlConfig(
                qualifier=qualifier,
                url="",
                id=url_id,
                auth=auth_of(body.get("AuthType")),
                cors=body.get("Cors"),
                mode=mode_of(body.get("InvokeMode", "BUFFERED")),
                created=moment,
                modified=moment,
            )
            config = replace(config, url=self._server.open(url_id))
            function.urls[qualifier] = config
            self._index.add(function, qualifier, url_id)
        return url_answer(function, config)

    def get(self, call: Call) -> dict[str, Any]:
        """GetFunctionUrlConfig."""
        function, qualifier = self._resource(call)
        return url_answer(function, known(function, qualifier))

    def update(self, call: Call) -> dict[str, Any]:
        """UpdateFunctionUrlConfig: what is left out stays as it is."""
        function, qualifier = self._resource(call)
        body = call.json
        with function.lock:
            config = known(function, qualifier)
            config = function.urls[qualifier] = replace(
                config,
                auth=auth_of(body.get("AuthType", config.auth)),
                cors=body.get("Cors", config.cors),
                mode=mode_of(body.get("InvokeMode", config.mode)),
                modified=now(),
            )
        return url_answer(function, config)

    def delete(self, call: Call) -> Reply:
        """DeleteFunctionUrlConfig."""
        function, qualifier = self._resource(call)
        with function.lock:
            config = known(function, qualifier)
            del function.urls[qualifier]
        self._server.close(config.id)
        return Reply(status=204)

    def list(self, call: Call) -> dict[str, Any]:
        """ListFunctionUrlConfigs."""
        function = self._directory.unqualified(call)
        shown = [url_answer(function, each) for each in function.urls.values()]
        return page(shown, call, "FunctionUrlConfigs")

    def _resource(self, call: Call) -> tuple[Function, str | None]:
        function, qualifier = self._directory.find(call)
        if qualifier is not None and not ALIAS.fullmatch(qualifier):
            pattern = f"satisfy regular expression pattern: ({ALIAS.pattern})"
            raise constraint(qualifier, "qualifier", pattern)
        if qualifier is not None and qualifier not in function.aliases:
            raise not_found("Function does not exist")
        return function, qualifier


class UrlIndex:
    """From a URL's id to its function."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._holders: dict[str, tuple[Function, str | None]] = {}

    def add(self, function: Function, qualifier: str | None, url_id: str) -> None:
        """Keeps who a URL belongs to."""
        self._holders[url_id] = (function, qualifier)

    def owner(self, url_id: str) -> tuple[Function, UrlConfig] | None:
        """The function and configuration of a URL, None if either is gone."""
        function, qualifier = self._holders.get(url_id, (None, None))
        if (
            function is None
            or self._directory.named(function.account, function.region, function.name)
            is not function
        ):
            return None
        config = function.urls.get(qualifier)
        return (function, config) if config is not None else None


def known(function: Function, qualifier: str | None) -> UrlConfig:
    """A function's URL; raises AwsError if it has none."""
    config = function.urls.get(qualifier)
    if config is None:
        raise not_found("The resource you requested does not exist.")
    return config


def auth_of(wanted: object) -> str:
    """NONE or AWS_IAM; raises AwsError for anything else."""
    if wanted not in ("NONE", "AWS_IAM"):
        raise constraint(wanted, "authType", "satisfy enum value set: [NONE, AWS_IAM]")
    return str(wanted)


def mode_of(wanted: object) -> str:
    """BUFFERED; raises AwsError for streams."""
    if wanted != "BUFFERED":
        raise invalid(f"InvokeMode {wanted} is not emulated by the local cloud; use BUFFERED")
    return str(wanted)
