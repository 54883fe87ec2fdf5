"""Events: made of closed records alone, sent once, signed, and never in a deployment's way."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from clients import ClientError
from clients.aws import AwsAccess
from clients.secret_values import value_of
from clients.webhook import check_webhook
from infra.settings import read_settings
from provider import events
from provider.events import Events, Told
from provider.resource import Call
from provider.telling import Telling
from release.attribute_docs import attribute_docs
from release.event import MOST_SERVICES, Event, event_of
from release.event_reference import SECTIONS, reference
from tests.fakes.bucket import FakeS3, store, use
from tests.fakes.lines import Lines
from tests.fakes.listener import Listener, listener
from tests.fakes.records import record, service
from tests.fakes.updates import Update, inputs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "events.md"
SECRET = "not to be seen"


@pytest.fixture
def server() -> Iterator[Listener]:
    with listener() as made:
        yield made


@pytest.fixture
def access(moto_url: str) -> AwsAccess:
    """The account of a moto server with one parameter and one secret."""
    made = AwsAccess(
        region="eu-west-1", access_key="x", secret_key="x",
        endpoints=tuple((each, moto_url) for each in ("secretsmanager", "sns", "sqs", "ssm")),
    )  # fmt: skip
    aws(made, "ssm").put_parameter(Name="/key", Value=SECRET, Type="SecureString", Overwrite=True)
    manager = aws(made, "secretsmanager")
    if not manager.list_secrets()["SecretList"]:
        manager.create_secret(Name="hooks", SecretString=json.dumps({"key": SECRET, "n": 1}))
    return made


def aws(access: AwsAccess, service: str) -> Any:
    return boto3.client(
        service, region_name="eu-west-1", endpoint_url=access.endpoint(service),
        aws_access_key_id="x", aws_secret_access_key="x",
    )  # fmt: skip


def send(access: AwsAccess, **told: str) -> list[str]:
    """The warnings of sending one event."""
    lines = Lines()
    call = Call("urn", lines, threading.Event())
    Events(access, Told(**told), "acme-deploys").send(record(1, version="v1.2.0"), call)
    return lines.facts


NOBODY = AwsAccess(region="eu-west-1")


def test_an_event_tells_what_the_update_touched_and_where_the_record_is() -> None:
    made = record(1, version="v1.2.0")
    services = {"old": service(deployment=record(2).id), "new": service(deployment=made.id)}
    event = event_of(made.model_copy(update={"services": services}), "s3://b/k")
    assert (event.id, event.outcome, event.rollback) == (made.id, "succeeded", False)
    assert list(event.services) == ["new"]
    assert event.record == "s3://b/k"
    assert Event.model_validate_json(event.model_dump_json()) == event
    with pytest.raises(ValueError, match="is open"):
        event_of(record(1, outcome="open", finished=None), "s3://b/k")


def test_the_largest_event_is_one_that_sns_takes() -> None:
    made = record(1, outcome="failed", failure="\u2026" * 4000)
    long = {"verdict": "\u2026" * 500, "version": "\u2026" * 500}
    services = {f"service-{n:04}-{'x' * 180}": service(**long) for n in range(3000)}
    event = event_of(made.model_copy(update={"services": services}), "s3://b/k")
    assert (len(event.services), event.more_services) == (MOST_SERVICES, 2900)
    assert len(event.model_dump_json(exclude_none=True).encode()) < 256 * 1024


def test_a_webhook_gets_the_event_signed(server: Listener, access: AwsAccess) -> None:
    assert send(access, webhook=server.url, secret="secret:hooks:key") == []
    ((path, headers, body),) = server.got
    assert path == "/hook?token=hidden"
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Slipway-Delivery"] == json.loads(body)["id"]
    wanted = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Slipway-Signature-256"] == f"sha256={wanted}"
    assert Event.model_validate_json(body).outcome == "succeeded"


def test_without_its_secret_nothing_is_sent_and_the_value_is_never_said(
    server: Listener, access: AwsAccess
) -> None:
    (said,) = send(access, webhook=server.url, secret="parameter:/none")
    assert "not sent to webhook: reading parameter:/none" in said
    for unfit in ("secret:hooks:nope", "secret:hooks:n", "secret:none"):
        (said,) = send(access, webhook=server.url, secret=unfit)
        assert SECRET not in said
    assert server.got == []


def test_an_address_may_be_a_secret_itself(server: Listener, access: AwsAccess) -> None:
    aws(access, "ssm").put_parameter(
        Name="/hook", Value=server.url, Type="SecureString", Overwrite=True
    )
    assert send(access, webhook="parameter:/hook") == []
    assert len(server.got) == 1
    (said,) = send(access, webhook="parameter:/key")
    assert "what parameter:/key holds is no address" in said
    assert SECRET not in said
    assert value_of(access, "parameter:/key", 5) == SECRET


@pytest.mark.parametrize(
    ("status", "said"),
    [(500, "answered 500"), (404, "answered 404"), (302, "redirects are not followed")],
)
def test_an_answer_that_is_not_2xx_is_a_warning(server: Listener, status: int, said: str) -> None:
    server.status, server.headers = status, {"Location": server.url, "Content-Length": "0"}
    (warning,) = send(NOBODY, webhook=server.url)
    assert warning.startswith("warning: the event of ")
    assert said in warning
    assert "it succeeded" in warning
    assert "hidden" not in warning
    assert len(server.got) == 1


def test_nobody_at_the_address_is_a_warning(server: Listener) -> None:
    server.shutdown()
    server.server_close()
    (said,) = send(NOBODY, webhook=server.url)
    assert "could not be reached" in said
    assert "hidden" not in said
    # The fixture closes it again, which does no harm.
    server.shutdown = lambda: None  # type: ignore[method-assign]


def test_whoever_hangs_is_left(server: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    server.wait.clear()
    monkeypatch.setattr(events, "DEADLINE", 0.5)
    began = time.monotonic()
    (said,) = send(NOBODY, webhook=server.url)
    assert "within 0.5 s" in said
    assert time.monotonic() - began < 20


def test_one_that_trickles_is_left_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "DEADLINE", 0.2)
    free = threading.Event()

    def slow() -> None:
        free.wait(30)

    assert events._outcomes({"slow": slow}) == {
        "slow": "no answer within 0.2 s; it may or may not have arrived"
    }
    free.set()


def test_a_topic_gets_the_event_with_attributes(access: AwsAccess) -> None:
    topic = aws(access, "sns").create_topic(Name="deployments")["TopicArn"]
    queue = aws(access, "sqs").create_queue(QueueName="heard")["QueueUrl"]
    aws(access, "sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:eu-west-1:123456789012:heard"
    )
    assert send(access, topic=topic, secret="parameter:/key") == []
    (message,) = aws(access, "sqs").receive_message(QueueUrl=queue)["Messages"]
    told = json.loads(message["Body"])
    assert Event.model_validate_json(told["Message"]).version == "v1.2.0"
    attributes = {name: each["Value"] for name, each in told["MessageAttributes"].items()}
    assert attributes.pop("signature").startswith("sha256=")
    assert attributes == {"event": "deployment", "stack": "prod", "outcome": "succeeded"}
    (said,) = send(access, topic=f"{topic}-gone")
    assert "not sent to sns: publishing to" in said


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    return use(monkeypatch)


def listening(update: Update) -> list[str]:
    """The outcomes that are told of."""
    told: list[str] = []
    update.deployment.telling = Telling(lambda record, call: told.append(record.outcome))
    return told


def test_an_update_is_told_once_and_after_its_pointer(bucket: FakeS3) -> None:
    update = Update()
    seen: list[str] = []
    update.deployment.telling = Telling(
        lambda record, call: seen.append(store().pointer("prod")[0].record)  # type: ignore[index]
    )
    made = update.up(inputs("v1.2.0"))
    assert seen == [made.outputs["record"]]
    update.deployment.telling.tell(update.deployment.record, update.call)
    assert len(seen) == 1


def test_a_preview_tells_nobody(bucket: FakeS3) -> None:
    update = Update()
    told = listening(update)
    update.preview(inputs("v1.2.0"))
    assert told == []


def test_a_failure_is_told_once_when_the_last_rollout_has_ended(bucket: FakeS3) -> None:
    update = Update()
    told = listening(update)
    deployment, call = update.deployment, update.call
    with deployment.acting(call, "slow", None):
        with pytest.raises(ClientError), deployment.acting(call, "shop", None):
            raise ClientError("shop: it broke")
        assert told == []
    assert told == ["failed"]
    with pytest.raises(ClientError), deployment.acting(call, "late", None):
        raise ClientError("late: too")
    assert told == ["failed"]


def test_rollouts_that_go_well_and_records_that_can_t_be_closed_tell_nothing(
    bucket: FakeS3,
) -> None:
    update = Update()
    told = listening(update)
    with update.deployment.acting(update.call, "shop", None):
        pass
    assert told == []

    def break_with_the_bucket() -> None:
        with update.deployment.acting(update.call, "shop", None):
            bucket.failing = ["AccessDenied"] * 9
            raise ClientError("shop: it broke")

    with pytest.raises(ClientError):
        break_with_the_bucket()
    assert told == []


def settings(**values: str) -> dict[str, str]:
    return {
        "aws:region": "eu-west-1",
        "slipway:bundles": '{"bucket": "acme-deploys"}',
        "slipway:events": json.dumps(values),
    }


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "tells nobody"),
        ({"webhook": "http://acme.example/x"}, "is http://; allowed: https://"),
        ({"webhook": "https://ada:pw@acme.example/x"}, "has a login in it"),
        ({"webhook": "acme.example"}, "is no address"),
        ({"webhook": "https:///x"}, "is no address"),
        ({"webhook": "https://acme.example:port/"}, "is no address"),
        ({"webhook": "https://acme.example/", "secret": "hunter2"}, "not a reference to a secret"),
        ({"sns": "deployments"}, "events.sns"),
        ({"webhook": "https://acme.example/", "to": "x"}, "events.to"),
    ],
)
def test_what_is_no_listener_is_refused_by_its_key(values: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match="events") as refused:
        read_settings("slipway", "dev", settings(**values))
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    ["https://acme.example/x", "http://127.0.0.1:80/", "http://[::1]:80/", "parameter:/x"],
)
def test_what_is_a_listener_is_taken(address: str) -> None:
    told = read_settings("slipway", "dev", settings(webhook=address)).events
    assert told is not None
    assert told.webhook == address


def test_an_address_is_checked_without_being_repeated() -> None:
    check: Callable[[str], str] = check_webhook
    with pytest.raises(ValueError, match="is no address") as refused:
        check("ftp://token@host")
    assert "token" not in str(refused.value)


def test_the_committed_page_is_fresh_and_every_key_is_explained() -> None:
    assert PAGE.read_text() == reference(), "run `make docs`"
    for title, model in SECTIONS.items():
        for name in model.model_fields:
            assert attribute_docs(model).get(name), f"{title}: {name} has no docstring"
