"""The values behind `parameter:/path` or `secret:name[:json-key]`, for whoever must use them here.

They are given back and nowhere else: not in errors, logs, state or records.
"""

from __future__ import annotations

from collections.abc import Mapping

from clients.aws import AwsAccess, AwsError, client, new_client, translated
from release.json_document import json_of


def is_reference(text: str) -> bool:
    """Whether a text names a value, and is none itself."""
    return text.startswith(("parameter:", "secret:"))


def value_of(access: AwsAccess, reference: str, seconds: float = 60) -> str:
    """The value; `seconds` bounds the wait for an answer, which is asked for once.

    Raises AwsError, which names the reference and never a value.
    """
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


def values_of(access: AwsAccess, references: Mapping[str, str]) -> dict[str, str]:
    """The value of each variable, by its reference. Raises AwsError."""
    return {variable: value_of(access, text) for variable, text in sorted(references.items())}


def versions_of(access: AwsAccess, references: Mapping[str, str]) -> str:
    """One text that is another when a value is; no value is read.

    Raises AwsError for what is not there.
    """
    told = (f"{text}#{_version(access, text)}" for text in sorted(set(references.values())))
    return " ".join(told)


def _of_key(name: str, key: str, text: str) -> str:
    try:
        value = json_of(text)[key]
    except (ValueError, KeyError, TypeError):
        raise AwsError(
            f"secret:{name} holds no JSON object with the key {key!r}; mend the reference or the "
            "secret"
        ) from None
    if not isinstance(value, str):
        raise AwsError(f"secret:{name}: the value of {key!r} is no text")
    return value


def _version(access: AwsAccess, reference: str) -> str:
    store, _, name = reference.partition(":")
    if store == "parameter":
        with translated(f"looking up the parameter {name}"):
            found = client(access, "ssm").get_parameter(Name=name, WithDecryption=False)
        return str(found["Parameter"]["Version"])
    name = name.partition(":")[0]
    with translated(f"looking up the secret {name}"):
        secret = client(access, "secretsmanager").describe_secret(SecretId=name)
    stages = secret.get("VersionIdsToStages") or {}
    current = (version for version, names in stages.items() if "AWSCURRENT" in names)
    return str(next(current, ""))
