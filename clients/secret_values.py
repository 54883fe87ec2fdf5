"""The value behind `parameter:/path` or `secret:name[:json-key]`, for whoever must use it here.

It is given back and nowhere else: not in errors, logs, state or records.
"""

from __future__ import annotations

import json

from clients import ClientError
from clients.aws import AwsAccess, new_client, translated


def is_reference(text: str) -> bool:
    """Whether a text names a value, and is none itself."""
    return text.startswith(("parameter:", "secret:"))


def value_of(access: AwsAccess, reference: str, seconds: float) -> str:
    """The value; `seconds` bounds the wait for an answer. Raises AwsError or ClientError."""
    store, _, rest = reference.partition(":")
    if store == "parameter":
        with translated(f"reading {reference}"):
            ssm = new_client(access, "ssm", access.region, read_timeout=seconds, attempts=1)
            found = ssm.get_parameter(Name=rest, WithDecryption=True)
        return str(found["Parameter"]["Value"])
    name, _, key = rest.partition(":")
    with translated(f"reading secret:{name}"):
        manager = new_client(
            access, "secretsmanager", access.region, read_timeout=seconds, attempts=1
        )
        text = str(manager.get_secret_value(SecretId=name).get("SecretString", ""))
    return _of_key(name, key, text) if key else text


def _of_key(name: str, key: str, text: str) -> str:
    try:
        value = json.loads(text)[key]
    except (ValueError, KeyError, TypeError):
        raise ClientError(f"secret:{name} holds no JSON object with the key {key!r}") from None
    if not isinstance(value, str):
        raise ClientError(f"secret:{name}: the value of {key!r} is no text")
    return value
