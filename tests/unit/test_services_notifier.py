"""The sample notifier handles its events, and reads its token by the reference alone."""

from __future__ import annotations

import importlib
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

NOTIFIER = Path(__file__).resolve().parents[2] / "services" / "notifier"
NAMES = ("app", "reference", "runtime")
MOMENT = "20261121T080000Z"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The notifier's program."""
    monkeypatch.syspath_prepend(str(NOTIFIER))
    for name in NAMES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")
    yield importlib.import_module("app")
    for name in NAMES:
        sys.modules.pop(name, None)


def test_a_ping_tells_that_all_is_well(app: ModuleType) -> None:
    assert app.handle({"ping": True}) == {"ok": True, "version": "7"}


def test_a_notifier_that_is_not_well_fails_its_ping(
    app: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "HEALTHY", False)
    with pytest.raises(RuntimeError, match="cannot be sent"):
        app.handle({"ping": True})


@pytest.mark.parametrize("event", [None, {}, {"ping": False}, {"notify": ""}, "ping", [1]])
def test_a_bad_event_is_an_error(app: ModuleType, event: object) -> None:
    with pytest.raises(ValueError, match="the event has to be"):
        app.handle(event)


def test_requests_at_its_url_are_answered(app: ModuleType) -> None:
    def ask(method: str, body: str = "") -> dict[str, Any]:
        context = {"requestContext": {"http": {"method": method}}, "body": body}
        answer: dict[str, Any] = app.handle(context)
        return answer

    assert json.loads(ask("GET")["body"]) == {"service": "notifier", "version": "7"}
    assert json.loads(ask("POST", '{"ping": true}')["body"])["ok"] is True
    assert [ask("POST", body)["statusCode"] for body in ("{}", "{no", "")] == [400, 400, 400]


class Aws(BaseHTTPRequestHandler):
    """Answers like SSM, and keeps what it was asked."""

    asked: dict[str, Any] = {}  # noqa: RUF012 -- one request per test

    def do_POST(self) -> None:
        """One call."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Aws.asked = {"headers": dict(self.headers), "body": body}
        answer = json.dumps({"Parameter": {"Value": "t0ken"}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


ARN = "arn:aws:ssm:eu-west-1:123456789012:parameter/notifier/token"


def test_a_token_is_read_with_botocores_signature_and_never_printed(
    app: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = HTTPServer(("127.0.0.1", 0), Aws)
    threading.Thread(target=server.handle_request, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    variables = {
        "TOKEN_ARN": ARN,
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "word",
        "AWS_SESSION_TOKEN": "session",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert app.handle({"notify": "hello"})["authorized"] is True
    headers, body = Aws.asked["headers"], Aws.asked["body"]
    assert json.loads(body) == {"Name": ARN, "WithDecryption": True}
    found = {name.lower(): value for name, value in headers.items()}
    wanted = reference_signature(url, found, body)
    assert found["authorization"] == wanted
    said = capsys.readouterr()
    assert "with a token" in said.out
    assert "t0ken" not in said.out + said.err
    server.server_close()


def reference_signature(url: str, headers: dict[str, str], body: bytes) -> str:
    """What botocore signs the same request with."""
    signed = ("content-type", "host", "x-amz-date", "x-amz-target")
    request = botocore.awsrequest.AWSRequest(
        "POST", f"{url}/", {name: headers[name] for name in signed}, body
    )
    keys = botocore.credentials.Credentials("AKIA", "word", "session")
    signer = botocore.auth.SigV4Auth(keys, "ssm", "eu-west-1")
    request.context["timestamp"] = headers["x-amz-date"]
    request.headers["X-Amz-Security-Token"] = "session"
    canonical = signer.canonical_request(request)
    text = signer.string_to_sign(request, canonical)
    names = signer.signed_headers(signer.headers_to_sign(request))
    credential = signer.scope(request)
    signature = signer.signature(text, request)
    return f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"


def test_what_is_no_reference_is_refused(app: ModuleType) -> None:
    with pytest.raises(ValueError, match="by its ARN"):
        sys.modules["reference"].value_of("plain-text")
