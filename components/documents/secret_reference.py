"""Where a secret variable's value lies. The value itself never passes through here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from components.documents.grammar import check

# Parameter Store: letters, digits and _.- in up to 15 levels; Secrets Manager: also /+=@.
_PARAMETER = re.compile(r"parameter:(?P<name>/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,14})")
_SECRET = re.compile(
    r"secret:(?P<name>[A-Za-z0-9/_+=.@-]{1,512})(:(?P<key>[A-Za-z0-9_.-]{1,128}))?"
)


@dataclass(frozen=True, kw_only=True)
class SecretReference:
    """One parameter, one secret, or one key of a secret that holds JSON."""

    store: Literal["parameter", "secret"]
    """SSM Parameter Store, or Secrets Manager."""
    name: str
    """Its name there."""
    json_key: str | None = None
    """The key in the secret's JSON; None: the whole secret."""

    def __str__(self) -> str:
        """As the stack file writes it."""
        return ":".join(filter(None, (self.store, self.name, self.json_key)))


def parse_reference(text: str) -> SecretReference:
    """The reference in `parameter:/path` or `secret:name[:json-key]`; else raises `ValueError`."""
    if found := _PARAMETER.fullmatch(text):
        return SecretReference(store="parameter", name=found["name"])
    if found := _SECRET.fullmatch(text):
        return SecretReference(store="secret", name=found["name"], json_key=found["key"])
    # A secret that somebody wrote down here must not be repeated in a log.
    raise ValueError(
        f"a value of {len(text)} characters is not a reference to a secret; allowed: "
        "parameter:/path/in/parameter-store or secret:name[:json-key] of Secrets Manager"
    )


def check_variables(environment: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    """Raises `ValueError` for a bad name, value or reference, and for a name in both."""
    for variable, value in environment.items():
        check("variable", variable)
        check("value of a variable", value)
        if variable in secrets:
            raise ValueError(
                f"{variable} is in `environment` and in `secrets`; keep the one that is meant"
            )
    for variable, reference in secrets.items():
        check("variable", variable)
        try:
            parse_reference(reference)
        except ValueError as error:
            raise ValueError(f"secrets.{variable}: {error}") from None


def value_from(reference: SecretReference, arn: str) -> str:
    """What ECS takes as `valueFrom`.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
    """
    return f"{arn}:{reference.json_key}::" if reference.json_key else arn
