"""Lambda's runtime API (Lambda Developer Guide, "Using the Lambda runtime API"): four routes.

It listens on the gateway of the containers' network alone, and answers only the addresses of
running sandboxes: no other container, no other machine.
"""

import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from localcloud.lambda_.conversation import Conversation, EndedError

ROOT = "/2018-06-01/runtime"
ANSWER = re.compile(ROOT + r"/invocation/([^/]+)/(response|error)")
KNOWN_AFTER = 10.0


class Guests:
    """Which addresses belong to sandboxes."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._starting = 0
        self._here: dict[str, tuple[Conversation, int]] = {}

    def expect(self) -> None:
        """A sandbox is about to get an address."""
        with self._changed:
            self._starting += 1

    def welcome(self, address: str, conversation: Conversation | None, pid: int = 0) -> None:
        """The expected sandbox has its address and first process; None if it was not started."""
        with self._changed:
            self._starting -= 1
            if conversation is not None:
                self._here[address] = conversation, pid
            self._changed.notify_all()

    def leave(self, address: str, conversation: Conversation) -> None:
        """The sandbox has ended; its address may be another one's already."""
        with self._changed:
            if self._here.get(address, (None, 0))[0] is conversation:
                del self._here[address]

    def at(self, address: str) -> Conversation | None:
        """The conversation of an address; waits while a sandbox still gets its own."""
        with self._changed:
            self._changed.wait_for(lambda: self._living(address) or not self._starting, KNOWN_AFTER)
            return self._living(address)

    def _living(self, address: str) -> Conversation | None:
        # The engine gives the address of an ended container to the next one before we hear of it.
        conversation, pid = self._here.get(address, (None, 0))
        return conversation if Path(f"/proc/{pid}").exists() else None


class RuntimeApi(ThreadingHTTPServer):
    """The server; `guests` tells who may talk to it."""

    daemon_threads = True

    def __init__(self, address: str, guests: Guests) -> None:
        self.guests = guests
        super().__init__((address, 0), RuntimeCall)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A container that was killed in the middle of a call is no news."""


class RuntimeCall(BaseHTTPRequestHandler):
    """One connection of a runtime."""

    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        """An answer in two parts is not to wait for the runtime's acknowledgement of the first."""
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        """The next event."""
        conversation = self._conversation()
        if conversation is None:
            self._reply(403, error("Forbidden", "this address is no sandbox's"))
        elif self.path != f"{ROOT}/invocation/next":
            self._reply(404, error("NotFound", f"{self.path} is no route of the runtime API"))
        else:
            self._next(conversation)

    def do_POST(self) -> None:
        """An answer, an error or a failed initialization."""
        conversation = self._conversation()
        body = self._body()
        found = ANSWER.fullmatch(self.path)
        if conversation is None:
            self._reply(403, error("Forbidden", "this address is no sandbox's"))
        elif self.path == f"{ROOT}/init/error":
            conversation.fail(body or error("Runtime.Unknown", "no reason given"))
            self._reply(202, b'{"status":"OK"}')
        elif found is None:
            self._reply(404, error("NotFound", f"{self.path} is no route of the runtime API"))
        elif conversation.answer(found[1], body, error=found[2] == "error"):
            self._reply(202, b'{"status":"OK"}')
        else:
            self._reply(400, error("InvalidRequestID", f"{found[1]} is not being invoked"))

    def log_message(self, format: str, *args: object) -> None:
        """Every event is in the function's own log already."""

    def _conversation(self) -> Conversation | None:
        return cast(RuntimeApi, self.server).guests.at(str(self.client_address[0]))

    def _next(self, conversation: Conversation) -> None:
        try:
            invocation = conversation.next()
        except EndedError:
            self.close_connection = True
            return
        self._reply(
            200,
            invocation.event,
            **{
                "Lambda-Runtime-Aws-Request-Id": invocation.id,
                "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
                "Lambda-Runtime-Trace-Id": f"Root=1-{invocation.id[:8]}-{invocation.id[-24:]}",
            },
        )

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue
        return body

    def _reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def error(kind: str, message: str) -> bytes:
    """An error of the runtime API."""
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()
