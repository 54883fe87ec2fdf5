"""Events and the status page on a real estate: who is told of what, when, and what the page says.

The tests stand on each other, in this order.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from release.event import Event
from tests.e2e.test_targets import log_in
from tests.estate import Estate, Ran
from tests.fakes.listener import Listener, listener
from tests.ports import free_port

STACK = "told"
WEB = "slipway-e2e-told"
SECRET = "seen by nobody"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """One stack of one container, and those who are told of it."""

    estate: Estate
    folder: Path
    hook: Listener
    queue: str

    def up(self, *words: str) -> Ran:
        return self.estate.up(*words, stack=STACK, cwd=self.folder)

    def slipway(self, *words: str) -> Ran:
        return self.estate.run(str(self.folder / "bin" / "slipway"), *words, cwd=self.folder)

    def edit(self, old: str, new: str) -> None:
        file = self.folder.parent / "services" / "book-shop" / "app.py"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))
        self.estate.git("commit", "--all", "--quiet", "--message", f"Say {new}", top=self.folder)

    def posted(self) -> list[Event]:
        """The events that the webhook got since this was asked last; each is signed."""
        found = []
        while self.hook.got:
            _, headers, body = self.hook.got.pop(0)
            wanted = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            assert headers["X-Slipway-Signature-256"] == f"sha256={wanted}"
            found.append(Event.model_validate_json(body))
        return found

    def published(self) -> list[Event]:
        """The events that the topic handed on since this was asked last."""
        sqs = self.estate.client("sqs")
        answer = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        for each in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=each["ReceiptHandle"])
        return [
            Event.model_validate_json(json.loads(each["Body"])["Message"])
            for each in answer.get("Messages", [])
        ]

    def current(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.slipway("history", STACK, "--json").ok())
        return found


@pytest.fixture(scope="module")
def shop(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A monorepo of one service, a topic with a queue behind it, and a webhook."""
    import docker

    top = estate.checkout(tmp_path_factory.mktemp("told") / "monorepo", ("book-shop",))
    topic = estate.client("sns").create_topic(Name="deployments")["TopicArn"]
    queue = estate.client("sqs").create_queue(QueueName="heard")["QueueUrl"]
    estate.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:eu-west-1:123456789012:heard"
    )
    estate.client("ssm").put_parameter(Name="/event-key", Value=SECRET, Type="SecureString")
    with listener() as hook:
        estate.write_stack(
            top,
            STACK,
            registry={"kind": "ecr", "repository": "told/{image}", "create": True},
            bundles={"bucket": "slipway-told-deploys"},
            host=None,
            events={"webhook": hook.url, "sns": topic, "secret": "parameter:/event-key"},
            services={
                WEB: {
                    "target": "docker",
                    "image": "book-shop",
                    "port": 8000,
                    "publish": free_port(),
                    "health": "/healthz",
                    "grace": 0,
                    "timeout": 60,
                }
            },
        )
        log_in(estate, tmp_path_factory.mktemp("docker"))
        yield Shop(estate=estate, folder=top / "deploy", hook=hook, queue=queue)
        hook.wait.set()
    label = {"label": f"slipway.service=slipway/{STACK}/{WEB}"}
    for each in docker.from_env().containers.list(all=True, filters=label):
        each.remove(force=True, v=True)


def test_a_preview_tells_nobody_and_a_deployment_everybody_once(shop: Shop) -> None:
    shop.estate.preview(stack=STACK, cwd=shop.folder).ok()
    assert (shop.posted(), shop.published()) == ([], [])
    said = shop.up().ok()
    posted, published = shop.posted(), shop.published()
    assert posted == published
    (event,) = posted
    history = shop.current()
    (record,) = history["records"]
    assert event.id == record["id"] == history["current"]
    assert (event.outcome, event.finished) == ("succeeded", record["finished"])
    assert event.services[WEB].digest == record["services"][WEB]["digest"]
    assert event.record == f"s3://slipway-told-deploys/records/{STACK}/{event.id}.json"
    assert "was not sent" not in said


def test_no_secret_is_left_anywhere(shop: Shop) -> None:
    state = shop.estate.pulumi("stack", "export", "--stack", STACK, cwd=shop.folder).ok()
    assert "parameter:/event-key" in state
    assert SECRET not in state
    assert SECRET not in json.dumps(shop.current())


def test_the_same_again_tells_nobody(shop: Shop) -> None:
    assert "unchanged" in shop.up().ok()
    assert (shop.posted(), shop.published()) == ([], [])


def test_a_failure_is_told_too(shop: Shop) -> None:
    shop.edit("HEALTHY = True", "HEALTHY = False")
    shop.up().refused()
    (event,) = shop.posted()
    assert shop.published() == [event]
    assert event.outcome == "failed"
    assert event.failure is not None
    assert WEB in event.failure
    assert shop.current()["records"][0]["failure"] == event.failure


def test_a_webhook_that_refuses_is_a_warning_and_the_topic_hears_of_it_still(shop: Shop) -> None:
    shop.edit("HEALTHY = False", "HEALTHY = True")
    shop.edit("import json", "import json  # 2")
    shop.hook.status = 503
    said = shop.up().ok()
    assert "was not sent to webhook: 127.0.0.1:" in said
    assert "answered 503" in said
    assert "token=hidden" not in said
    assert [each.outcome for each in shop.published()] == ["succeeded"]
    assert len(shop.posted()) == 1


def test_a_webhook_that_hangs_delays_a_deployment_by_seconds_and_no_more(shop: Shop) -> None:
    shop.edit("import json  # 2", "import json  # 3")
    shop.hook.status = 204
    shop.hook.wait.clear()
    said = shop.up().ok()
    assert "within 5 s" in said
    (asked,) = shop.hook.times
    assert shop.current()["records"][0]["outcome"] == "succeeded"
    # It still hangs: nobody waited for it.
    assert not shop.hook.wait.is_set()
    assert time.monotonic() - asked < 60
    shop.hook.wait.set()


def test_the_status_page_tells_all_of_it(shop: Shop, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    said = shop.slipway("report", "--stack", STACK, "--out", str(out)).ok()
    page = out.read_text()
    assert f"from 4 records of {STACK}" in said
    assert page.count('<tr role="row" id="r-') == 4
    assert page.count('<span class="state ok">succeeded</span>') == 3
    assert page.count('<span class="state bad">failed</span>') == 1
    record = shop.current()["records"][0]
    assert record["services"][WEB]["digest"] in page
    assert "25 %" in page
    assert "1 of 4" in page
    refused = shop.slipway("report", "--stack", "nope", "--out", str(out)).refused()
    assert refused.startswith("slipway: there is no stack file Pulumi.nope.yaml")


def test_an_update_that_ends_before_its_record_is_told_as_failed_and_the_next_one_closes_its_own(
    shop: Shop,
) -> None:
    shop.edit("import json", "import json  # 4")
    shop.posted()  # what hung before
    shop.up("--exclude", "**rollout:index:Record**").ok()
    newest = shop.current()["records"][0]
    (event,) = shop.posted()
    assert (
        (event.id, event.outcome) == (newest["id"], newest["outcome"]) == (newest["id"], "failed")
    )
    assert event.services[WEB].verdict.startswith("running ")
    assert newest["failure"].startswith("the update ended before all of it was done")
    shop.up().ok()
    assert [each.outcome for each in shop.posted()] == ["succeeded"]
