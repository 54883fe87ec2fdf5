"""Small objects of a bucket, written only under a condition: new, or still as it was read."""

from __future__ import annotations

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

    def put(self, key: str, data: bytes, etag: str | None) -> str:
        """Write an object if it is still the one with `etag`, or (None) if there is none.

        Gives its new etag. Raises ConditionError when another writer was first. An answer that
        was lost on the way counts: what is there already with the same bytes is ours.
        """
        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        for attempt in range(_TRIES):
            try:
                with translated(f"writing {self._where(key)}"):
                    made = self._s3.put_object(
                        Bucket=self.bucket,
                        Key=key,
                        Body=data,
                        ContentType="application/json",
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
        def ask() -> tuple[bytes, str]:
            answer = self._s3.get_object(Bucket=self.bucket, Key=key)
            return answer["Body"].read(most), str(answer["ETag"])

        found: tuple[bytes, str] | None = self._unless_absent(f"reading {self._where(key)}", ask)
        return found

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
