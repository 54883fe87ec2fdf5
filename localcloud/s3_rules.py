"""What S3 does and moto does not: conditional writes in one step, and none of half a body."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from localcloud.aws_error import AwsError
from localcloud.aws_request import body_of

SERVICE = "localcloud.service"
WRITES = ("PUT", "POST", "DELETE")


class ObjectWrites:
    """Lets one write to S3 through at a time, so that nothing comes between check and write."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def alone(self, environ: dict[str, Any]) -> Iterator[None]:
        """Holds the lock while a write is done; `refuse` has read its body, however slowly."""
        if environ.get(SERVICE) != "s3" or environ["REQUEST_METHOD"] not in WRITES:
            yield
            return
        with self._lock:
            yield


def refuse(environ: dict[str, Any]) -> None:
    """Reads a body whole. Raises AwsError if it ends too early, as that of a client that was
    killed, or for a condition that S3 doesn't know.

    https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    if environ["REQUEST_METHOD"] in WRITES:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if len(body_of(environ)) < length:
            message = "You did not provide the number of bytes that Content-Length specifies"
            raise AwsError("IncompleteBody", message, 400)
    if environ["REQUEST_METHOD"] == "PUT" and environ.get("HTTP_IF_NONE_MATCH", "*") != "*":
        message = "A header you provided implies functionality that is not implemented"
        raise AwsError("NotImplemented", message, 501)
