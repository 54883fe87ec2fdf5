"""What a value must look like before it lands in a unit, a script's settings or a policy."""

from __future__ import annotations

import re

_GRAMMAR = {
    "service": (r"[a-z][a-z0-9-]{0,30}", "a lower-case letter, then up to 30 of a-z 0-9 -"),
    "container": (r"[a-z][a-z0-9_.-]{0,30}", "a lower-case letter, then up to 30 of a-z 0-9 _ . -"),
    "user": (r"[0-9]{1,9}(:[0-9]{1,9})?", "uid or uid:gid, in digits"),
    "capability": (r"[A-Z][A-Z_]{2,30}", "a capability without CAP_, like NET_BIND_SERVICE"),
    "path of parameters": (
        r"(/[A-Za-z0-9._-]+)+/",
        "/a/path/, beginning and ending with a slash",
    ),
    "region": (r"[a-z]{2}(-[a-z]+)+-[0-9]", "an AWS region like eu-west-1"),
    "bucket": (r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "3 to 63 of a-z 0-9 . -"),
    "account": (r"[0-9]{12}", "12 digits"),
    "stack": (r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}", "up to 100 of A-Z a-z 0-9 . _ -, no . first"),
    "version": (r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", "a Docker tag, up to 128 characters"),
    "health path": (r"/[A-Za-z0-9._~/?=&-]{0,200}", "a path like /healthz"),
    "volume": (
        r"[a-z0-9_][a-z0-9._-]*:/[A-Za-z0-9_][A-Za-z0-9._/-]*",
        "name:/path, a folder under /opt/<service> and where the container sees it",
    ),
    "variable": (r"[A-Za-z_][A-Za-z0-9_]*", "letters, digits and _, not starting with a digit"),
    "value of a variable": (r"[^\x00-\x1f\x7f]{0,4096}", "one line without control characters"),
    "repository": (r"[a-z0-9]+([._/-]+[a-z0-9]+)*", "a-z 0-9, joined by . _ / or -"),
    "repository template": (
        r"[a-z0-9.-]+(:[0-9]{1,5})?(/([a-z0-9._-]|\{image\})+)+",
        "host[:port]/path, with {image} for an image's name",
    ),
    "KMS key ARN": (
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+",
        "arn:aws:kms:<region>:<account>:key/<id>",
    ),
    "repository ARN": (
        r"arn:aws[a-z-]*:ecr:[a-z0-9-]+:[0-9]{12}:repository/[a-z0-9._/-]+",
        "arn:aws:ecr:<region>:<account>:repository/<name>",
    ),
}


def check(kind: str, value: str) -> str:
    """The value itself. Raises `ValueError` if it doesn't match the whole pattern of its kind."""
    pattern, allowed = _GRAMMAR[kind]
    if not re.fullmatch(pattern, value):
        raise ValueError(f"{value!r} is not a {kind}; allowed: {allowed}")
    return value


def check_port(value: int) -> int:
    """The port itself. Raises `ValueError` outside 1 to 65535."""
    if not 1 <= value <= 65535:
        raise ValueError(f"{value!r} is not a port; allowed: 1 to 65535")
    return value
