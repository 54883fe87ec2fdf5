"""Small calls around functions: tags, reserved concurrency, and what images don't have."""

from typing import Any

from localcloud.lambda_.call import Call, Reply, Route
from localcloud.lambda_.directory import Directory
from localcloud.lambda_.records import Function
from localcloud.lambda_.refusals import no_function, not_found
from localcloud.lambda_.settings import between

TAGS = "/2017-03-31/tags/{arn}"
FUNCTION = "/functions/{function}"


class Extras:
    """Answers them."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def routes(self) -> list[Route]:
        """Their routes."""
        limit = FUNCTION + "/concurrency"
        return [
            Route(method="GET", path=TAGS, status=200, handler=self.list_tags),
            Route(method="POST", path=TAGS, status=204, handler=self.tag),
            Route(method="DELETE", path=TAGS, status=204, handler=self.untag),
            Route(method="GET", path="/2019-09-30" + limit, status=200, handler=self.limit),
            Route(method="PUT", path="/2017-10-31" + limit, status=200, handler=self.set_limit),
            Route(method="DELETE", path="/2017-10-31" + limit, status=204, handler=self.unlimit),
            Route(
                method="GET", path="/2020-06-30" + FUNCTION + "/code-signing-config",
                status=200, handler=self.code_signing,
            ),
            Route(
                method="GET", path="/2019-09-25" + FUNCTION + "/event-invoke-config",
                status=200, handler=self.event_config,
            ),
            Route(
                method="GET", path="/2024-08-31" + FUNCTION + "/recursion-config",
                status=200, handler=self.recursion,
            ),
        ]  # fmt: skip

    def list_tags(self, call: Call) -> dict[str, Any]:
        """ListTags."""
        return {"Tags": dict(self._tagged(call).tags)}

    def tag(self, call: Call) -> Reply:
        """TagResource."""
        self._tagged(call).tags.update(call.json.get("Tags") or {})
        return Reply(status=204)

    def untag(self, call: Call) -> Reply:
        """UntagResource."""
        function = self._tagged(call)
        for key in call.lists.get("tagKeys", []):
            function.tags.pop(key, None)
        return Reply(status=204)

    def limit(self, call: Call) -> dict[str, Any]:
        """GetFunctionConcurrency."""
        function = self._directory.unqualified(call)
        if function.concurrency is None:
            return {}
        return {"ReservedConcurrentExecutions": function.concurrency}

    def set_limit(self, call: Call) -> dict[str, Any]:
        """PutFunctionConcurrency; 0 lets nobody invoke."""
        function = self._directory.unqualified(call)
        wanted = int(call.json["ReservedConcurrentExecutions"])
        function.concurrency = between(wanted, "reservedConcurrentExecutions", 0, 1000)
        return {"ReservedConcurrentExecutions": function.concurrency}

    def unlimit(self, call: Call) -> Reply:
        """DeleteFunctionConcurrency."""
        self._directory.unqualified(call).concurrency = None
        return Reply(status=204)

    def code_signing(self, call: Call) -> dict[str, Any]:
        """GetFunctionCodeSigningConfig: functions from images have none."""
        return {"FunctionName": self._directory.unqualified(call).name}

    def event_config(self, call: Call) -> dict[str, Any]:
        """GetFunctionEventInvokeConfig: nobody can set one here."""
        function, _ = self._directory.find(call)
        raise not_found(f"The function {function.arn} doesn't have an EventInvokeConfig")

    def recursion(self, call: Call) -> dict[str, Any]:
        """GetFunctionRecursionConfig: AWS's default."""
        self._directory.unqualified(call)
        return {"RecursiveLoop": "Terminate"}

    def _tagged(self, call: Call) -> Function:
        arn = call.words["arn"]
        _, _, _, region, account, _, name, *_ = [*arn.split(":"), *[""] * 7]
        function = self._directory.named(account, region, name)
        if function is None:
            raise no_function(arn)
        return function
