"""S3 in memory as far as records need it: conditional writes, listing in order, two errors."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any

import pytest
from botocore.exceptions import ClientError

from clients import object_store
from clients.aws import AwsAccess
from clients.record_store import RecordStore

BUCKET = "acme-deploys"


class FakeS3:
    """The calls of boto3's client; `objects` is what is in the bucket, `failing` codes to raise."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.checksums: dict[str, str] = {}
        self.calls: list[str] = []
        self.failing: list[str] = []
        self.page = 1000

    def put_object(self, *, Key: str, Body: bytes, **more: Any) -> dict[str, str]:  # noqa: N803
        self._call("put", Key)
        there = self.objects.get(Key)
        if more.get("IfNoneMatch") == "*" and there is not None:
            raise refused("PreconditionFailed")
        if "IfMatch" in more:
            if there is None:
                raise refused("NoSuchKey")
            if _etag(there) != more["IfMatch"]:
                raise refused("PreconditionFailed")
        if more["ChecksumSHA256"] != _checksum(Body):
            raise refused("BadDigest")
        self.objects[Key] = Body
        self.checksums[Key] = more["ChecksumSHA256"]
        return {"ETag": _etag(Body)}

    def get_object(self, *, Key: str, **more: Any) -> dict[str, Any]:  # noqa: N803
        self._call("get", Key)
        if Key not in self.objects:
            raise refused("NoSuchKey")
        data = self.objects[Key]
        return {"Body": io.BytesIO(data), "ETag": _etag(data), **self._told(Key, more)}

    def head_object(self, *, Key: str, **more: Any) -> dict[str, Any]:  # noqa: N803
        self._call("head", Key)
        if Key not in self.objects:
            raise refused("404")
        return self._told(Key, more)

    def list_objects_v2(
        self,
        *,
        Prefix: str,  # noqa: N803
        StartAfter: str = "",  # noqa: N803
        ContinuationToken: str = "",  # noqa: N803
        Delimiter: str = "",  # noqa: N803
        **more: Any,
    ) -> dict[str, Any]:
        self._call("list", Prefix)
        if Delimiter:
            below = (each[len(Prefix) :] for each in self.objects if each.startswith(Prefix))
            folders = sorted({each.split("/")[0] + "/" for each in below if "/" in each})
            return {"CommonPrefixes": [{"Prefix": f"{Prefix}{each}"} for each in folders]}
        after = ContinuationToken or StartAfter
        keys = sorted(each for each in self.objects if each.startswith(Prefix) and each > after)
        shown = keys[: self.page]
        answer: dict[str, Any] = {"Contents": [{"Key": each} for each in shown]}
        if len(keys) > self.page:
            answer |= {"IsTruncated": True, "NextContinuationToken": shown[-1]}
        return answer

    def written(self) -> list[str]:
        """The keys that were written, in order."""
        return [call.split(" ", 1)[1] for call in self.calls if call.startswith("put ")]

    def _told(self, key: str, asked: dict[str, Any]) -> dict[str, str]:
        known = key in self.checksums and asked.get("ChecksumMode") == "ENABLED"
        return {"ChecksumSHA256": self.checksums[key]} if known else {}

    def _call(self, what: str, key: str) -> None:
        self.calls.append(f"{what} {key}")
        if self.failing:
            code = self.failing.pop(0)
            if code:
                raise refused(code)


def refused(code: str) -> ClientError:
    """The exception that boto3 raises for an error code."""
    return ClientError({"Error": {"Code": code, "Message": "said S3"}}, "Operation")


def use(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    """Puts a bucket in memory in the place of S3."""
    made = FakeS3()
    monkeypatch.setattr(object_store, "client", lambda access, service: made)
    return made


def store() -> RecordStore:
    """A store in that bucket."""
    return RecordStore(AwsAccess(region="eu-west-1"), BUCKET)


def _checksum(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def _etag(data: bytes) -> str:
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'
