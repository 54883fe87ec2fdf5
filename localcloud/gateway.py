"""The layer that every API call passes: it counts, refuses, answers itself or asks moto."""

import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

from localcloud.aws_error import Answer, AwsError, error_answer, json_answer
from localcloud.aws_request import AwsRequest, parse
from localcloud.calls.journal import JOURNAL
from localcloud.calls.judgement import Judgement
from localcloud.counters import Counters
from localcloud.expiry import Sessions
from localcloud.limits import Limits
from localcloud.problem import CloudError
from localcloud.s3_rules import SERVICE, ObjectWrites, refuse

Handler = Callable[[AwsRequest], dict[str, Any] | None]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
OWN = "/_localcloud/"
MACHINE = "machines/"
UNKNOWN_TO_MOTO = {"ecr-public"}
LOG = logging.getLogger("localcloud.gateway")


class Gateway:
    """A WSGI application in front of moto's.

    `handlers` maps (service, action) to a function that answers with a dict, raises AwsError, or
    gives None to let moto answer. `meet` hears the account of each call before anything is done.
    `turn` turns the knobs of a machine.
    """

    def __init__(
        self,
        moto: WsgiApp,
        handlers: dict[tuple[str, str], Handler],
        counters: Counters,
        limits: Limits,
        health: Callable[[], dict[str, str]],
        meet: Callable[[str], None],
        turn: Callable[[str, dict[str, Any]], dict[str, Any]] | None = None,
    ) -> None:
        self._moto = moto
        self._handlers = handlers
        self._counters = counters
        self._limits = limits
        self._health = health
        self._meet = meet
        self._turn = turn
        self._writes = ObjectWrites()
        self._sessions = Sessions()
        self._callers = Judgement()

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if path.startswith(OWN):
            answer: Answer | None = self._own(path[len(OWN) :], environ)
        elif path.startswith("/moto-api") or path.startswith("/latest/"):
            answer = json_answer({"message": f"{path} is not served here"}, 404)
        else:
            answer = self._aws(environ)
        if answer is None:
            with self._writes.alone(environ):
                return self._moto(environ, start)
        status, headers, body = answer
        start(status, headers)
        return body

    def _aws(self, environ: dict[str, Any]) -> Answer | None:
        request = parse(environ)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = request.account
        environ[SERVICE] = request.service
        self._counters.count_call(request.service, request.action)
        try:
            self._sessions.refuse_expired(request)
            self._meet(request.account)
            self._callers.judge(request, environ)
            if request.service == "s3":
                refuse(environ)
            handler = self._handlers.get((request.service, request.action))
            if handler is None and request.service in UNKNOWN_TO_MOTO:
                message = f"{request.service}: {request.action} is not known to the local cloud"
                raise AwsError("UnsupportedCommandException", message)
            result = handler(request) if handler else None
        except AwsError as error:
            return error_answer(error, request.protocol)
        except CloudError as problem:
            LOG.warning("%s %s: %s", request.service, request.action, problem)
            return error_answer(AwsError("InternalError", str(problem), 400), request.protocol)
        except Exception as error:
            moto_error = from_moto(error)
            if moto_error is None:
                LOG.exception("%s %s failed", request.service, request.action)
                moto_error = AwsError("InternalFailure", f"local cloud: {error}", 500)
            return error_answer(moto_error, request.protocol)
        return None if result is None else json_answer(result)

    def _own(self, name: str, environ: dict[str, Any]) -> Answer:
        method = environ["REQUEST_METHOD"]
        if (method, name) == ("GET", "counters"):
            return json_answer(self._counters.values())
        if (method, name) == ("POST", "counters/reset"):
            self._counters.reset()
            return json_answer(self._counters.values())
        if (method, name) == ("GET", "calls"):
            return json_answer(JOURNAL.entries())
        if (method, name) == ("POST", "calls/reset"):
            JOURNAL.reset()
            return json_answer([])
        if (method, name) == ("GET", "health"):
            return json_answer(self._health())
        if (method, name) == ("GET", "limits"):
            return json_answer(vars(self._limits))
        if (method, name) == ("POST", "limits") or (method == "POST" and name.startswith(MACHINE)):
            return self._change(name, environ)
        return json_answer({"message": f"{method} {OWN}{name} is not known"}, 404)

    def _change(self, name: str, environ: dict[str, Any]) -> Answer:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        try:
            wishes = json.loads(environ["wsgi.input"].read(length))
            if name.startswith(MACHINE) and self._turn is not None:
                return json_answer(self._turn(name.removeprefix(MACHINE), wishes))
            self._limits.change(wishes)
        except (CloudError, ValueError) as problem:
            return json_answer({"message": str(problem)}, 400)
        return json_answer(vars(self._limits))


def from_moto(error: Exception) -> AwsError | None:
    """The AWS error of an exception that one of moto's backends raised."""
    code = getattr(error, "error_type", None) or getattr(error, "code", None)
    message = getattr(error, "message", None)
    if not isinstance(code, str) or not type(error).__module__.startswith("moto."):
        return None
    return AwsError(code, str(message))
