"""What exists already, asked for before anything is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import pulumi
import pulumi_aws as aws

from components.documents.secret_reference import SecretReference, parse_reference

_T = TypeVar("_T")


def looked_up(what: str, advice: str, ask: Callable[[], _T]) -> _T:
    """The answer of a lookup. Raises `ValueError` with what was asked for if there is none."""
    try:
        return ask()
    # Pulumi raises nothing narrower for a lookup that a provider has refused.
    except Exception as error:
        cause = " ".join(str(error).split())
        raise ValueError(f"{what} can't be looked up: {cause}; {advice}") from None


def secret_arns(
    service: str, secrets: Mapping[str, str], parent: pulumi.Resource | None
) -> dict[str, str]:
    """The ARN of each secret by its variable; no value is read.

    Raises `ValueError` for what is no reference, and for a secret that isn't there.
    """
    opts = pulumi.InvokeOptions(parent=parent)
    return {
        variable: looked_up(
            f"{service}: secrets.{variable} ({text})",
            "make it, or correct the reference",
            lambda text=text: _arn(parse_reference(text), opts),  # type: ignore[misc]
        )
        for variable, text in sorted(secrets.items())
    }


def _arn(reference: SecretReference, opts: pulumi.InvokeOptions) -> str:
    found: Any
    if reference.store == "parameter":
        # Without decryption not even the provider gets to see the value.
        found = aws.ssm.get_parameter(name=reference.name, with_decryption=False, opts=opts)
    else:
        found = aws.secretsmanager.get_secret(name=reference.name, opts=opts)
    return str(found.arn)
