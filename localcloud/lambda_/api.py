"""Lambda's API as a WSGI application in front of moto's, which never sees a call to Lambda."""

import json
import logging
from collections.abc import Iterable
from typing import Any

from localcloud.aws_error import AwsError
from localcloud.gateway import StartResponse, WsgiApp, from_moto
from localcloud.lambda_.call import Call, Reply, Route, answer, read, refusal
from localcloud.problem import CloudError
from localcloud.s3_rules import SERVICE

LOG = logging.getLogger("localcloud.lambda")


class LambdaApi:
    """Answers calls to Lambda by the first route that fits, and passes on all others."""

    def __init__(self, routes: list[Route], otherwise: WsgiApp) -> None:
        self._routes, self._otherwise = routes, otherwise

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if environ.get(SERVICE) != "lambda":
            return self._otherwise(environ, start)
        status, headers, body = answer(self._reply(read(environ)))
        start(status, headers)
        return body

    def _reply(self, call: Call) -> Reply:
        try:
            return self._served(call)
        except AwsError as error:
            return refusal(error)
        except CloudError as problem:
            LOG.warning("%s %s: %s", call.method, call.path, problem)
            return refusal(AwsError("InvalidParameterValueException", str(problem), 400))
        except Exception as error:
            known = from_moto(error)
            if known is None:
                LOG.exception("%s %s failed", call.method, call.path)
                known = AwsError("ServiceException", f"local cloud: {error}", 500)
            return refusal(known)

    def _served(self, call: Call) -> Reply:
        for route in self._routes:
            words = route.match(call.method, call.path)
            if words is not None:
                found = route.handler(Call(**{**vars(call), "words": words}))
                if isinstance(found, Reply):
                    return found
                return Reply(status=route.status, body=json.dumps(found).encode())
        message = f"lambda: {call.method} {call.path} is not known to the local cloud"
        raise AwsError("UnsupportedCommandException", message, 400)
