"""`slipway:events`: who is told of deployments."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from clients.secret_values import is_reference
from clients.webhook import check_webhook
from components.documents.secret_reference import parse_reference
from infra.release_section import Section


def _reference(text: str) -> str:
    parse_reference(text)
    return text


def _webhook(text: str) -> str:
    return _reference(text) if is_reference(text) else check_webhook(text)


class Events(Section):
    """`slipway:events`: one JSON event for each deployment, made of its record; docs/events.md."""

    webhook: Annotated[str, AfterValidator(_webhook)] | None = None
    """https:// address that gets a POST (http:// on this machine alone), or `parameter:/path` or
    `secret:name` that holds it, for addresses that are secret themselves."""
    sns: str | None = Field(
        default=None, pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$"
    )
    """ARN of an SNS topic that gets a message."""
    secret: Annotated[str, AfterValidator(_reference)] | None = None
    """`parameter:/path` or `secret:name[:json-key]` of what events are signed with
    (HMAC-SHA256); its value is in no state, log or record."""

    @model_validator(mode="after")
    def _somebody(self) -> Events:
        if self.webhook is None and self.sns is None:
            raise ValueError("tells nobody: say `webhook`, `sns`, or both; or remove `events`")
        return self
