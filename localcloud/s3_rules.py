"""What S3 does and moto does not: conditional writes in one step."""

import contextlib
import io
import threading
from collections.abc import Iterator
from typing import Any

from localcloud.aws_error import AwsError

SERVICE = "localcloud.service"
WRITES = ("PUT", "POST", "DELETE")


class ObjectWrites:
    """Lets one write to S3 through at a time, so that nothing comes between check and write."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def alone(self, environ: dict[str, Any]) -> Iterator[None]:
        """Holds the lock while a write is done; its body has arrived before, however slowly."""
        if environ.get(SERVICE) != "s3" or environ["REQUEST_METHOD"] not in WRITES:
            yield
            return
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length:
            environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
        with self._lock:
            yield


def refuse(environ: dict[str, Any]) -> None:
    """Raises AwsError for a condition that S3 doesn't know."""
    if environ["REQUEST_METHOD"] == "PUT" and environ.get("HTTP_IF_NONE_MATCH", "*") != "*":
        message = "A header you provided implies functionality that is not implemented"
        raise AwsError("NotImplemented", message, 501)
