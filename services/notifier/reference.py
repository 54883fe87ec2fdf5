"""Reads a secret that the environment only names, by its ARN, as slipway gives it to functions.

One signed POST, so that the image needs nothing but Python; with boto3 at hand use that.
"""

import datetime
import hashlib
import hmac
import json
import os
import urllib.request
from typing import Any


def value_of(arn: str) -> str:
    """The value of a secret by its ARN; raises ValueError for what is none of a secret."""
    service = arn.split(":")[2] if arn.startswith("arn:") else ""
    if service == "ssm":
        body = {"Name": arn, "WithDecryption": True}
        return str(post("ssm", "AmazonSSM.GetParameter", body)["Parameter"]["Value"])
    if service == "secretsmanager":
        found = post("secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": arn})
        return str(found["SecretString"])
    raise ValueError("the environment has to name a parameter or a secret by its ARN")


def post(service: str, target: str, body: dict[str, object]) -> dict[str, Any]:
    """Calls AWS as the function's role; raises urllib.error.HTTPError."""
    region = os.environ["AWS_REGION"]
    url = os.environ.get("AWS_ENDPOINT_URL") or f"https://{service}.{region}.amazonaws.com"
    data = json.dumps(body).encode()
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": url.partition("://")[2].rstrip("/"),
        "x-amz-date": f"{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%SZ}",
        "x-amz-security-token": os.environ["AWS_SESSION_TOKEN"],
        "x-amz-target": target,
    }
    headers["authorization"] = signature(headers, data, region, service)
    # The URL is AWS's or the one that the function was given for it.
    request = urllib.request.Request(url.rstrip("/") + "/", data, headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found


def signature(headers: dict[str, str], data: bytes, region: str, service: str) -> str:
    """The Authorization header (IAM User Guide, "Create a signed AWS API request")."""
    moment = headers["x-amz-date"]
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(data).hexdigest()}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = b"AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"].encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}"
    signed = hmac.new(key, text.encode(), "sha256").hexdigest()
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    return f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signed}"
