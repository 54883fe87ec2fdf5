"""The rights to tell others of deployments: one topic, and the values that it takes."""

from __future__ import annotations

from typing import Any

from components.documents.ci_actions import of
from components.documents.ci_estate import CiEstate
from components.documents.grants import Grants


def give_events(grants: Grants, estate: CiEstate) -> None:
    """Publishing to the topic; reading what addresses and signatures are made of."""
    told = estate.events
    if told is None:
        return
    if told.topic is not None:
        grants.give("TellTopic", of("sns", "Publish"), told.topic)
    if told.parameters:
        grants.give("ReadEventParameters", of("ssm", "GetParameter"), _parameters(estate))
    if told.secrets:
        grants.give("ReadEventSecrets", of("secretsmanager", "GetSecretValue"), _secrets(estate))


def but_for_events(estate: CiEstate) -> dict[str, dict[str, Any]]:
    """Conditions under which a refusal to decrypt leaves out what events need.

    AWS encrypts each value in the context of its ARN:
    https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
    """
    if estate.events is None:
        return {}
    contexts = {"PARAMETER_ARN": _parameters(estate), "SecretARN": _secrets(estate)}
    named = {f"kms:EncryptionContext:{name}": arns for name, arns in contexts.items() if arns}
    return {"StringNotLike": named} if named else {}


def _parameters(estate: CiEstate) -> list[str]:
    names = estate.events.parameters if estate.events else ()
    return [estate.arn("ssm", f"parameter/{name.lstrip('/')}") for name in names]


def _secrets(estate: CiEstate) -> list[str]:
    # AWS adds a hyphen and six characters to a secret's name.
    names = estate.events.secrets if estate.events else ()
    return [estate.arn("secretsmanager", f"secret:{name}-??????") for name in names]
