"""The calls about aliases."""

import re
from dataclasses import replace
from typing import Any

from localcloud.lambda_.answers import alias_answer
from localcloud.lambda_.call import Call, Reply, Route
from localcloud.lambda_.directory import Directory
from localcloud.lambda_.pages import page
from localcloud.lambda_.records import LATEST, Alias, Function
from localcloud.lambda_.refusals import (
    conflict,
    constraint,
    invalid,
    no_function,
    not_found,
    precondition,
)

PATH = "/2015-03-31/functions/{function}/aliases"
NAME = re.compile(r"(?!^[0-9]+$)([a-zA-Z0-9-_]{1,128})")


class Aliases:
    """Makes, moves, shows and deletes aliases."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def routes(self) -> list[Route]:
        """Their routes."""
        one = PATH + "/{alias}"
        return [
            Route(method="POST", path=PATH, status=201, handler=self.create),
            Route(method="GET", path=PATH, status=200, handler=self.list),
            Route(method="GET", path=one, status=200, handler=self.get),
            Route(method="PUT", path=one, status=200, handler=self.update),
            Route(method="DELETE", path=one, status=204, handler=self.delete),
        ]

    def create(self, call: Call) -> dict[str, Any]:
        """CreateAlias."""
        function, body = self._directory.unqualified(call), call.json
        name = str(body.get("Name", ""))
        if not NAME.fullmatch(name):
            pattern = f"satisfy regular expression pattern: {NAME.pattern}"
            raise constraint(name, "name", pattern)
        alias = Alias(
            name=name,
            version=str(body.get("FunctionVersion", "")),
            description=body.get("Description") or "",
            weights=weights(body),
        )
        with function.lock:
            refuse_wrong(function, alias)
            if name in function.aliases:
                raise conflict(f"Alias already exists: {function.arn}:{name}")
            function.aliases[name] = alias
        return alias_answer(function, alias)

    def get(self, call: Call) -> dict[str, Any]:
        """GetAlias."""
        function = self._directory.unqualified(call)
        return alias_answer(function, known(function, call.words["alias"]))

    def list(self, call: Call) -> dict[str, Any]:
        """ListAliases, all or those of a version."""
        function, wanted = self._directory.unqualified(call), call.query.get("FunctionVersion")
        found = [a for _, a in sorted(function.aliases.items()) if wanted in (None, a.version)]
        return page([alias_answer(function, alias) for alias in found], call, "Aliases")

    def update(self, call: Call) -> dict[str, Any]:
        """UpdateAlias: what is left out stays as it is."""
        function, body = self._directory.unqualified(call), call.json
        with function.lock:
            alias = known(function, call.words["alias"])
            if body.get("RevisionId") not in (None, alias.revision):
                raise precondition("Alias")
            changed = Alias(
                name=alias.name,
                version=str(body.get("FunctionVersion") or alias.version),
                description=body.get("Description", alias.description) or "",
                weights=alias.weights if body.get("RoutingConfig") is None else weights(body),
            )
            refuse_wrong(function, changed)
            function.aliases[alias.name] = replace(changed)
        return alias_answer(function, changed)

    def delete(self, call: Call) -> Reply:
        """DeleteAlias; one that is not there is no error."""
        function = self._directory.unqualified(call)
        with function.lock:
            function.aliases.pop(call.words["alias"], None)
        return Reply(status=204)


def weights(body: dict[str, Any]) -> dict[str, float]:
    """The RoutingConfig of a body."""
    return dict((body.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {})


def known(function: Function, name: str) -> Alias:
    """An alias; raises AwsError if it is not there."""
    alias = function.aliases.get(name)
    if alias is None:
        raise not_found(f"Cannot find alias arn: {function.arn}:{name}")
    return alias


def refuse_wrong(function: Function, alias: Alias) -> None:
    """Raises AwsError for versions that are not there and weights that Lambda does not take.

    Lambda Developer Guide, "Implement Lambda canary deployments using a weighted alias".
    """
    for number in (alias.version, *alias.weights):
        if function.find(number) is None:
            raise no_function(f"{function.arn}:{number}")
    if not alias.weights:
        return
    if len(alias.weights) > 1:
        raise invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
    (number, weight), *_ = alias.weights.items()
    if LATEST in (number, alias.version):
        raise invalid("$LATEST is not supported for an alias pointing to more than 1 version")
    if number == alias.version:
        raise invalid(f"Invalid function version {number}. Function version {number} is already "
                      "included in routing configuration.")  # fmt: skip
    if not 0 <= weight <= 1:
        raise constraint(weight, "routingConfig.additionalVersionWeights", "be between 0.0 and 1.0")
