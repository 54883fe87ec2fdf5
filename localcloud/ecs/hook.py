"""What a test may ask of this room beyond AWS: POST /_localcloud/rules/NAME/fire."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from localcloud.aws_error import json_answer
from localcloud.ecs.task import Json
from localcloud.gateway import StartResponse, WsgiApp
from localcloud.problem import CloudError

FIRE = re.compile(r"/_localcloud/rules/([^/]+)/fire$")


class Hook:
    """Stands before the gateway: a rule's tasks are run now, with RunTask's answers as reply."""

    def __init__(self, app: WsgiApp, fire: Callable[[str], list[Json]]) -> None:
        self._app, self._fire = app, fire

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        found = FIRE.match(str(environ.get("PATH_INFO")))
        if not found or environ.get("REQUEST_METHOD") != "POST":
            return self._app(environ, start)
        try:
            status, headers, body = json_answer({"answers": self._fire(found[1])})
        except CloudError as problem:
            status, headers, body = json_answer({"message": str(problem)}, 404)
        start(status, headers)
        return body
