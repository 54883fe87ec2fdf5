"""The values behind references, read at the last moment and kept nowhere."""

from __future__ import annotations

import json
from collections.abc import Mapping

from clients.aws import AwsAccess, AwsError, client, translated


def values_of(access: AwsAccess, references: Mapping[str, str]) -> dict[str, str]:
    """The value of each variable, by `parameter:/path` or `secret:name[:json-key]`.

    Raises AwsError, which names the reference and never a value.
    """
    return {variable: _value(access, text) for variable, text in sorted(references.items())}


def _value(access: AwsAccess, reference: str) -> str:
    store, _, name = reference.partition(":")
    if store == "parameter":
        with translated(f"reading the parameter {name}"):
            found = client(access, "ssm").get_parameter(Name=name, WithDecryption=True)
        return str(found["Parameter"]["Value"])
    name, _, key = name.partition(":")
    with translated(f"reading the secret {name}"):
        text = str(client(access, "secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    if not key:
        return text
    try:
        return str(json.loads(text)[key])
    except (ValueError, TypeError, KeyError):
        raise AwsError(
            f"the secret {name} holds no JSON with the key {key}; mend the reference or the secret"
        ) from None


def versions_of(access: AwsAccess, references: Mapping[str, str]) -> str:
    """One text that is another when a value is; no value is read.

    Raises AwsError for what is not there.
    """
    told = (f"{text}#{_version(access, text)}" for text in sorted(set(references.values())))
    return " ".join(told)


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
