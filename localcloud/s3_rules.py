"""What S3 does and moto does not: conditional writes in one step, and buckets of other accounts."""

import contextlib
import io
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from moto.s3.models import s3_backends

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.resource_policy import allows

SERVICE = "localcloud.service"
WRITES = ("PUT", "POST", "DELETE")
OBJECT = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "POST": "Put", "DELETE": "Delete"}
LISTS = {
    *("list-type", "prefix", "delimiter", "max-keys", "encoding-type", "continuation-token"),
    *("start-after", "fetch-owner"),
}


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


def refuse(request: AwsRequest, environ: dict[str, Any]) -> None:
    """Raises AwsError for a condition that S3 doesn't know, and for what a bucket's owner has not
    allowed the caller's account."""
    if environ["REQUEST_METHOD"] == "PUT" and environ.get("HTTP_IF_NONE_MATCH", "*") != "*":
        message = "A header you provided implies functionality that is not implemented"
        raise AwsError("NotImplemented", message, 501)
    bucket, _, key = environ.get("PATH_INFO", "/").lstrip("/").partition("/")
    found = s3_backends.bucket_accounts.get(bucket)
    owner = found[1] if found else None
    making = environ["REQUEST_METHOD"] == "PUT" and not key and not environ.get("QUERY_STRING")
    if owner is None or owner == request.account or making:
        return
    policy = s3_backends[owner]["aws"].buckets[bucket].policy
    resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
    action = s3_action(environ, key)
    if not allows(policy.decode() if policy else None, request.account, action, resource):
        raise AwsError("AccessDenied", "Access Denied", 403)


def s3_action(environ: dict[str, Any], key: str) -> str:
    """The permission that a request needs, such as s3:GetObject."""
    method = environ["REQUEST_METHOD"]
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    if key:
        version = "Version" if "versionId" in query and method in ("GET", "HEAD") else ""
        return f"s3:{OBJECT.get(method, method)}Object{version}"
    if method in ("GET", "HEAD") and set(query) <= LISTS:
        return "s3:ListBucket"
    return f"s3:{OBJECT.get(method, method)}Bucket{''.join(sorted(query)).capitalize()}"
