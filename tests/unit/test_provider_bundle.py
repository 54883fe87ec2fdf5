"""A bundle is written once, checked, and never over another."""

from __future__ import annotations

import base64
import hashlib
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from clients import ClientError
from clients.aws import AwsAccess
from provider.bundle import BundleResource
from provider.configured import Configured
from provider.resource import Call, Old
from provider.wire import UNKNOWN
from tests.fakes.bucket import BUCKET, FakeS3, use
from tests.fakes.lines import Lines

KEY = "bundles/dev/deploy-bundle-v1.2.0.tar.gz"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    return use(monkeypatch)


class Stack:
    """A stack that stores its bundle, update after update."""

    def __init__(self) -> None:
        self.checked: list[str] = []
        configured = SimpleNamespace(
            access=AwsAccess(region="eu-west-1"), check_account=lambda: self.checked.append("asked")
        )
        self.resource = BundleResource(cast(Configured, configured))
        self.lines = Lines()

    def settle(self, data: bytes, *, preview: bool = False, **more: str) -> str:
        call = Call("urn", self.lines, threading.Event())
        made, outputs = self.resource.settle(call, inputs(data, **more), None, preview)
        assert made == outputs["key"] or outputs["key"] == UNKNOWN
        return str(outputs["key"])

    def diff(self, old: bytes, new: bytes, key: str = KEY) -> list[str]:
        call = Call("urn", self.lines, threading.Event())
        return self.resource.diff(
            call, Old(inputs=inputs(old), outputs={"key": key}), inputs(new)
        ).changed


def inputs(data: bytes, **more: str) -> dict[str, Any]:
    return {
        "bucket": BUCKET,
        "key": KEY,
        "content": base64.b64encode(data).decode(),
        "sha256": hashlib.sha256(data).hexdigest(),
        **more,
    }


def test_a_bundle_is_stored_once_and_found_again(bucket: FakeS3) -> None:
    stack = Stack()
    assert stack.settle(b"one", preview=True) == KEY
    assert bucket.objects == {}
    assert stack.settle(b"one") == stack.settle(b"one") == KEY
    assert bucket.objects == {KEY: b"one"}
    assert stack.diff(b"one", b"one") == []
    assert stack.checked == ["asked", "asked"]


def test_other_content_under_the_same_version_lies_beside_it_and_a_preview_knows_where(
    bucket: FakeS3,
) -> None:
    stack = Stack()
    stack.settle(b"one")
    beside = f"bundles/dev/deploy-bundle-v1.2.0-{hashlib.sha256(b'two').hexdigest()[:12]}.tar.gz"
    assert stack.settle(b"two", preview=True) == beside
    assert stack.settle(b"two") == stack.settle(b"two") == beside
    assert bucket.objects == {KEY: b"one", beside: b"two"}
    assert stack.settle(b"one") == KEY, "the way back finds its own"
    assert stack.diff(b"two", b"two", beside) == []
    assert f"{KEY} has other content and is never written over" in stack.lines.facts[0]


def test_nothing_is_written_where_both_places_are_taken(bucket: FakeS3) -> None:
    stack = Stack()
    stack.settle(b"one")
    beside = stack.settle(b"two", preview=True)
    bucket.objects[beside] = b"forged"
    with pytest.raises(ClientError, match="have other content than this update's"):
        stack.settle(b"two")
    assert bucket.objects == {KEY: b"one", beside: b"forged"}


def test_a_writer_that_comes_between_is_not_written_over(
    bucket: FakeS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = Stack()
    monkeypatch.setattr(BundleResource, "_free", lambda *_: KEY)
    bucket.objects[KEY] = b"theirs"
    with pytest.raises(ClientError, match="was written by somebody else meanwhile"):
        stack.settle(b"ours")
    assert bucket.objects[KEY] == b"theirs"


def test_a_bundle_that_is_gone_or_altered_is_a_diff(bucket: FakeS3) -> None:
    stack = Stack()
    stack.settle(b"one")
    bucket.checksums.clear()
    bucket.objects[KEY] = b"altered"
    assert stack.diff(b"one", b"one") == ["content"]
    del bucket.objects[KEY]
    assert stack.diff(b"one", b"one") == ["content"]
    assert "is gone; it is stored again" in stack.lines.facts[-1]
    assert stack.diff(b"one", b"two") == ["sha256"]


def test_a_preview_of_an_unknown_bucket_says_nothing_yet(bucket: FakeS3) -> None:
    assert Stack().settle(b"one", preview=True, bucket=UNKNOWN) == UNKNOWN
    assert bucket.calls == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sha256": "0" * 64}, "and that of the content is"),
        ({"content": "no base64!"}, "not base64"),
        ({"key": ""}, "key is missing"),
    ],
)
def test_content_that_is_not_what_it_says_is_refused(changed: dict[str, str], said: str) -> None:
    assert said in str(Stack().resource.check({**inputs(b"one"), **changed}))
    assert Stack().resource.check(inputs(b"one")) == {}


def test_bytes_that_changed_in_the_bucket_are_never_read_as_what_was_stored(
    bucket: FakeS3,
) -> None:
    from clients.aws import AwsError
    from clients.object_store import ObjectStore

    objects = ObjectStore(AwsAccess(region="eu-west-1"), BUCKET)
    objects.put("records/a", b"true", None)
    assert objects.get("records/a", 100) is not None
    bucket.objects["records/a"] = b"false"
    with pytest.raises(AwsError, match="is damaged: its SHA-256 is not the one"):
        objects.get("records/a", 100)
