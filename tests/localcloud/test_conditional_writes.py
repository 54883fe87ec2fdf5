"""S3's conditional writes are what records and pointers stand on."""

import io
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from localcloud.counters import Counters
from localcloud.gateway import Gateway, StartResponse
from localcloud.limits import Limits
from tests.localcloud.cloud import REGION, Cloud
from tests.localcloud.test_ecr_api import code

BUCKET = "t-conditional"
WRITERS = 6


@pytest.fixture(scope="module")
def s3(cloud: Cloud) -> Any:
    made = cloud.client("s3")
    made.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return made


def refusal(write: Callable[[], Any]) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        write()
    return code(caught), caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def put(s3: Any, key: str, body: bytes, **condition: str) -> str:
    return str(s3.put_object(Bucket=BUCKET, Key=key, Body=body, **condition)["ETag"])


def test_only_the_first_write_makes_an_object(s3: Any) -> None:
    put(s3, "once", b"1", IfNoneMatch="*")
    again = refusal(lambda: put(s3, "once", b"2", IfNoneMatch="*"))
    assert again == ("PreconditionFailed", 412)
    assert s3.get_object(Bucket=BUCKET, Key="once")["Body"].read() == b"1"


def test_an_object_that_was_deleted_may_be_made_again(s3: Any) -> None:
    put(s3, "gone", b"1", IfNoneMatch="*")
    s3.delete_object(Bucket=BUCKET, Key="gone")
    assert put(s3, "gone", b"2", IfNoneMatch="*")


def test_half_a_body_is_no_object_as_of_a_program_that_was_killed(s3: Any, cloud: Cloud) -> None:
    put(s3, "whole", b"0123456789")
    wish = {"Bucket": BUCKET, "Key": "whole"}
    url = urlsplit(s3.generate_presigned_url("put_object", Params=wish))
    with socket.create_connection((str(url.hostname), url.port or 80), timeout=10) as killed:
        head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n"
        killed.sendall(f"{head}Content-Length: 10\r\n\r\n01234".encode())
        killed.shutdown(socket.SHUT_WR)
        answer = killed.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"IncompleteBody" in answer
    assert s3.get_object(**wish)["Body"].read() == b"0123456789"


def test_only_who_knows_the_present_object_replaces_it(s3: Any) -> None:
    first = put(s3, "pointer", b"1")
    second = put(s3, "pointer", b"2", IfMatch=first)
    late = refusal(lambda: put(s3, "pointer", b"3", IfMatch=first))
    assert late == ("PreconditionFailed", 412)
    assert put(s3, "pointer", b"4", IfMatch=second.strip('"'))


def test_an_object_that_is_not_there_is_not_replaced(s3: Any) -> None:
    etag = put(s3, "else", b"1")
    missing = refusal(lambda: put(s3, "missing", b"2", IfMatch=etag))
    assert missing == ("NoSuchKey", 404)


def test_another_condition_than_none_is_not_known(s3: Any) -> None:
    etag = put(s3, "other", b"1")
    assert refusal(lambda: put(s3, "other", b"2", IfNoneMatch=etag)) == ("NotImplemented", 501)


@pytest.mark.parametrize("present", [True, False])
def test_of_writers_at_the_same_time_exactly_one_wins(s3: Any, present: bool) -> None:
    key = f"race-{present}"
    condition = {"IfMatch": put(s3, key, b"0")} if present else {"IfNoneMatch": "*"}

    def write(number: int) -> str:
        try:
            put(s3, key, bytes([number]) * 100_000, **condition)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "written"

    assert at_once(write) == ["PreconditionFailed"] * (WRITERS - 1) + ["written"]


def test_nothing_comes_between_the_check_and_the_write() -> None:
    gateway = Gateway(SlowStore(), {}, Counters(), Limits(), dict, lambda account: None)

    def write(number: int) -> str:
        said: list[str] = []
        environ = {"REQUEST_METHOD": "PUT", "PATH_INFO": "/t-slow/key", "wsgi.input": io.BytesIO()}
        gateway(environ, lambda status, headers: said.append(status))
        return said[0]

    assert at_once(write) == ["200 OK"] + ["412 Precondition Failed"] * (WRITERS - 1)


class SlowStore:
    """Checks whether the object is there, takes its time, and writes it."""

    def __init__(self) -> None:
        self._there = False

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> list[bytes]:
        there = self._there
        time.sleep(0.02)
        self._there = True
        start("412 Precondition Failed" if there else "200 OK", [])
        return []


def at_once(write: Callable[[int], str]) -> list[str]:
    """What became of writes that were sent together, sorted."""
    together = threading.Barrier(WRITERS)

    def one(number: int) -> str:
        together.wait()
        return write(number)

    with ThreadPoolExecutor(WRITERS) as pool:
        return sorted(pool.map(one, range(WRITERS)))
