"""Tells others of a deployment once its record is closed; a failure of that is a warning."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clients import ClientError
from clients.aws import AwsAccess
from provider.resource import Call

if TYPE_CHECKING:
    from release.record import Record

DEADLINE = 5.0  # seconds that a deployment waits for those who are told


@dataclass(frozen=True, kw_only=True)
class Told:
    """Who is told, as the stack file says."""

    webhook: str | None = None
    """An address, or a reference to one."""
    topic: str | None = None
    """ARN of an SNS topic."""
    secret: str | None = None
    """A reference to what events are signed with."""


class Events:
    """Sends the event of a record, to all who are told, at the same time."""

    def __init__(self, access: AwsAccess, told: Told, bucket: str) -> None:
        """`bucket` is where the records are."""
        self._access = access
        self._told = told
        self._bucket = bucket

    def send(self, record: Record, call: Call) -> None:
        """Gives up after DEADLINE; whatever goes wrong is a warning, and nothing is raised."""
        tasks: dict[str, Callable[[], None]] = {}
        body = self._body(record) if self._told.webhook or self._told.topic else b""
        if self._told.webhook:
            tasks["webhook"] = lambda: self._post(record, body)
        if self._told.topic:
            tasks["sns"] = lambda: self._publish(record, body)
        for name, problem in _outcomes(tasks).items():
            if problem is not None:
                call.warning(
                    f"the event of {record.id} was not sent to {name}: {problem}. The deployment "
                    f"itself is not touched by this: it {record.outcome}"
                )

    def _body(self, record: Record) -> bytes:
        from clients.record_documents import record_key
        from release.event import event_of

        address = f"s3://{self._bucket}/{record_key(record.stack, record.id)}"
        return event_of(record, address).model_dump_json(exclude_none=True).encode()

    def _post(self, record: Record, body: bytes) -> None:
        from clients.secret_values import is_reference
        from clients.webhook import SIGNATURE, check_webhook, post

        address = self._told.webhook or ""
        if is_reference(address):
            reference, address = address, self._value(address)
            try:
                check_webhook(address)
            except ValueError as error:
                raise ClientError(f"what {reference} holds {error}") from None
        headers = {"X-Slipway-Event": "deployment", "X-Slipway-Delivery": record.id}
        signed = self._signature(body)
        post(address, body, headers | ({SIGNATURE: signed} if signed else {}), DEADLINE)

    def _publish(self, record: Record, body: bytes) -> None:
        from clients.topics import publish

        attributes = {"event": "deployment", "stack": record.stack, "outcome": record.outcome}
        signed = self._signature(body)
        named = attributes | ({"signature": signed} if signed else {})
        publish(self._access, self._told.topic or "", body.decode(), named, DEADLINE)

    def _signature(self, body: bytes) -> str | None:
        """Without its secret an event is not sent: whoever gets it counts on the signature."""
        from clients.webhook import signature

        return signature(self._value(self._told.secret), body) if self._told.secret else None

    def _value(self, reference: str) -> str:
        from clients.secret_values import value_of

        return value_of(self._access, reference, DEADLINE)


def _outcomes(tasks: Mapping[str, Callable[[], None]]) -> dict[str, str | None]:
    """By name what went wrong, or None; all of it within DEADLINE."""
    problems: dict[str, str | None] = {}

    def run(name: str, task: Callable[[], None]) -> None:
        try:
            task()
            problems[name] = None
        except ClientError as error:
            problems[name] = str(error)
        except Exception as error:
            problems[name] = f"the plugin failed: {type(error).__name__}"

    threads = [
        threading.Thread(target=run, args=each, name=f"event-{each[0]}", daemon=True)
        for each in tasks.items()
    ]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + DEADLINE
    for thread in threads:
        thread.join(max(ends - time.monotonic(), 0))
    late = f"no answer within {DEADLINE:g} s; it may or may not have arrived"
    return {name: problems.get(name, late) for name in tasks}
