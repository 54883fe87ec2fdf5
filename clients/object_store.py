"""Small objects of a bucket, written only under a condition: new, or still as it was read."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from clients.aws import AwsAccess, AwsError, client, translated

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
_NOT_AS_IT_WAS = ("PreconditionFailed", "NoSuchKey", "412")
_TRY_AGAIN = "ConditionalRequestConflict"
_TRIES = 5
_ABSENT = ("NoSuchKey", "NoSuchBucket", "404")


class ConditionError(AwsError):
    """The object is no longer (or already) there as the writer had seen it; nothing is written."""


class ObjectStore:
    """One bucket. Every method raises AwsError."""

    def __init__(self, access: AwsAccess, bucket: str) -> None:
        """Nothing is asked before a method is called."""
        self.access = access
        self.bucket = bucket

    def get(self, key: str, most: int) -> tuple[bytes, str] | None:
        """An object's bytes and etag, or None without the object or the bucket.

        Raises AwsError for one that is larger than `most` bytes.
        """
        found = self._beginning(key, most + 1)
        if found is not None and len(found[0]) > most:
            raise AwsError(
                f"{self._where(key)} has more than {most} bytes, which slipway never writes; "
                "somebody else put it there"
            )
        return found

    def put(
        self, key: str, data: bytes, etag: str | None, content_type: str = "application/json"
    ) -> str:
        """Write an object if it is still the one with `etag`, or (None) if there is none.

        Gives its new etag. S3 takes it only if the bytes have the SHA-256 that is sent with them.
        Raises ConditionError when another writer was first. An answer that was lost on the way
        counts: what is there already with the same bytes is ours.
        """
        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        for attempt in range(_TRIES):
            try:
                with translated(f"writing {self._where(key)}"):
                    made = self._s3.put_object(
                        Bucket=self.bucket,
                        Key=key,
                        Body=data,
                        ContentType=content_type,
                        ChecksumSHA256=_checksum(data),
                        **condition,
                    )
                return str(made["ETag"])
            except AwsError as error:
                if error.code == _TRY_AGAIN and attempt < _TRIES - 1:
                    time.sleep(0.1 * 2**attempt)
                elif error.code in (*_NOT_AS_IT_WAS, _TRY_AGAIN):
                    return self._ours(key, data, error)
                else:
                    raise
        raise AssertionError("the last try returns or raises")

    def keys(self, prefix: str, after: str) -> Iterator[str]:
        """The keys below a prefix that sort after a text, in order, page by page."""
        asked: dict[str, Any] = {"Bucket": self.bucket, "Prefix": prefix, "StartAfter": after}
        while True:
            answer = self._unless_absent(
                f"listing s3://{self.bucket}/{prefix}", lambda: self._s3.list_objects_v2(**asked)
            )
            if answer is None:
                return
            yield from (str(each["Key"]) for each in answer.get("Contents", []))
            if not answer.get("IsTruncated"):
                return
            asked["ContinuationToken"] = answer["NextContinuationToken"]

    def sha256_of(self, key: str, most: int) -> str | None:
        """The SHA-256 of an object in hexadecimal digits, or None without the object or bucket.

        By one HEAD where S3 knows it; else the object is read. Raises AwsError for one larger than
        `most` bytes that has to be read.
        """
        told = self._unless_absent(
            f"looking for {self._where(key)}",
            lambda: self._s3.head_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED"),
        )
        if told is None:
            return None
        if known := _whole_checksum(told):
            return base64.b64decode(known).hex()
        found = self.get(key, most)
        return None if found is None else hashlib.sha256(found[0]).hexdigest()

    def folders(self, prefix: str) -> list[str]:
        """The names right below a prefix that have something below them, in order."""
        asked: dict[str, Any] = {"Bucket": self.bucket, "Prefix": prefix, "Delimiter": "/"}
        found: list[str] = []
        while True:
            answer = self._unless_absent(
                f"listing s3://{self.bucket}/{prefix}", lambda: self._s3.list_objects_v2(**asked)
            )
            if answer is None:
                return found
            below = (str(each["Prefix"]) for each in answer.get("CommonPrefixes", []))
            found += [each[len(prefix) :].rstrip("/") for each in below]
            if not answer.get("IsTruncated"):
                return found
            asked["ContinuationToken"] = answer["NextContinuationToken"]

    def holds(self, key: str, bucket: str | None = None) -> bool:
        """Whether an object is there, in this bucket or another one; by one HEAD."""
        named = bucket or self.bucket

        def ask() -> bool:
            self._s3.head_object(Bucket=named, Key=key)
            return True

        return bool(self._unless_absent(f"looking for s3://{named}/{key}", ask))

    @property
    def _s3(self) -> Any:
        return client(self.access, "s3")

    def _where(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def _beginning(self, key: str, most: int) -> tuple[bytes, str] | None:
        def ask() -> tuple[bytes, str, str | None]:
            answer = self._s3.get_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED")
            return answer["Body"].read(most), str(answer["ETag"]), _whole_checksum(answer)

        found: tuple[bytes, str, str | None] | None = self._unless_absent(
            f"reading {self._where(key)}", ask
        )
        if found is None:
            return None
        data, etag, checksum = found
        if checksum and len(data) < most and checksum != _checksum(data):
            raise AwsError(
                f"{self._where(key)} is damaged: its SHA-256 is not the one that it was stored "
                "with; get an earlier version of the object back"
            )
        return data, etag

    def _ours(self, key: str, data: bytes, error: AwsError) -> str:
        found = self._beginning(key, len(data) + 1)
        if found is not None and found[0] == data:
            return found[1]
        raise ConditionError(str(error), error.code)

    def _unless_absent(self, doing: str, ask: Callable[[], Any]) -> Any:
        try:
            with translated(doing):
                return ask()
        except AwsError as error:
            if error.code in _ABSENT:
                return None
            raise


def _checksum(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def _whole_checksum(answer: Any) -> str | None:
    """Of an upload in parts S3 has only a checksum of checksums, with a dash in it."""
    found = (answer or {}).get("ChecksumSHA256")
    return None if not found or "-" in found else str(found)
