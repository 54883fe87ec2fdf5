"""Values of Parameter Store and Secrets Manager for a role. They are never logged."""

import json
import re
from typing import Any

from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends

from localcloud.calls.checkpoint import ask
from localcloud.calls.keys import key_of
from localcloud.containers.roles import refusal

SECRET = re.compile(r"(arn:aws[\w-]*:secretsmanager:([\w-]+):(\d{12}):secret:[^:]+)(?::(.*))?$")
PARAMETER = re.compile(r"arn:aws[\w-]*:ssm:([\w-]+):(\d{12}):parameter(/.+)$")
NOT_FOUND = "ResourceNotFoundException: Secrets Manager can't find the specified secret."


class SecretError(Exception):
    """AWS's reason why a value cannot be read; it never holds the value."""


def secret_value(value_from: str, account: str, region: str, role: Any, session: str) -> str:
    """The value that a `valueFrom` names, read with the role's rights; raises SecretError.

    It is a parameter's name or ARN, or a secret's ARN with `:json-key:version-stage:version-id`
    (Amazon ECS Developer Guide, "Pass sensitive data to an Amazon ECS container").
    """
    secret = SECRET.match(value_from)
    if secret:
        return _secret(secret, role, session)
    parameter = PARAMETER.match(value_from)
    if parameter:
        region, account, path = parameter.groups()
        known = ssm_backends[account][region]._parameters
        # The ARN of /a/b and of a parameter `a` both have one slash after `parameter`.
        name = path if path in known or path.count("/") > 1 else path[1:]
        return _parameter(name, account, region, role, session)
    if value_from.startswith("arn:"):
        raise SecretError(f"invalid ARN in valueFrom: {value_from}")
    return _parameter(value_from, account, region, role, session)


def _parameter(name: str, account: str, region: str, role: Any, session: str) -> str:
    resource = f"arn:aws:ssm:{region}:{account}:parameter/{name.lstrip('/')}"
    if not _may(role, "ssm:GetParameters", resource, session):
        reason = refusal(role, session, "ssm:GetParameters", resource)
        raise SecretError(
            "unable to retrieve secrets from ssm: service call has been retried 1 time(s): "
            f"{reason}"
        )
    _decrypt("ssm", name, account, region, role, session)
    found = ssm_backends[account][region].get_parameter(name)
    if found is None:
        raise SecretError(
            "unable to retrieve secrets from ssm: service call has been retried 1 time(s): "
            f"invalid parameters: {name}"
        )
    return str(found.response_object(decrypt=True, region=region)["Value"])


def _secret(found: re.Match[str], role: Any, session: str) -> str:
    arn, region, account, rest = found.groups()
    key, stage, version = ([*(rest or "").split(":"), "", "", ""])[:3]
    action = "secretsmanager:GetSecretValue"
    if not _may(role, action, arn, session):
        raise _from_asm(arn, refusal(role, session, action, arn))
    backend = secretsmanager_backends[account][region]
    if not backend._is_valid_identifier(arn):
        raise _from_asm(arn, NOT_FOUND)
    _decrypt("secretsmanager", arn, account, region, role, session)
    try:
        # An ARN of ECS may lack the six random signs that Secrets Manager adds.
        stage = stage or ("" if version else "AWSCURRENT")
        answer = backend.get_secret_value(arn, version, stage)
    except Exception as error:
        raise _from_asm(arn, f"{type(error).__name__}: {error}") from error
    text = str(answer.get("SecretString") or "")
    return _of_key(arn, text, key) if key else text


def _may(role: Any, action: str, resource: str, session: str) -> bool:
    return ask(role, action, resource, kind="execution", session=session)


def _decrypt(service: str, name: str, account: str, region: str, role: Any, session: str) -> None:
    """Raises SecretError if the value has a key of the customer's own that the role may not use."""
    key = key_of(service, name, account, region)
    context = {"kms:ViaService": [f"{service}.{region}.amazonaws.com"]}
    action = "kms:Decrypt"
    if key and not ask(role, action, key, kind="execution", session=session, context=context):
        reason = refusal(role, session, action, key)
        raise SecretError(f"unable to retrieve secrets from {service}: {reason}")


def _of_key(arn: str, text: str, key: str) -> str:
    try:
        values = json.loads(text)
    except ValueError:
        raise SecretError(f"retrieved secret from asm: {arn} is not valid JSON") from None
    if not isinstance(values, dict) or key not in values:
        raise SecretError(f"retrieved secret from asm did not contain json key {key}")
    value = values[key]
    return value if isinstance(value, str) else json.dumps(value)


def _from_asm(arn: str, reason: str) -> SecretError:
    return SecretError(
        "unable to retrieve secret from asm: service call has been retried 1 time(s): "
        f"failed to fetch secret {arn} from secrets manager: {reason}"
    )
