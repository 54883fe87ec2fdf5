"""What the services of all targets have in the stack file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from infra.release_section import Section

Port = Annotated[int, Field(ge=1, le=65535)]
Path = Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~/?=&-]{0,200}$")]
Reference = Annotated[str, Field(pattern=r"^(parameter:/?[A-Za-z0-9._/-]+|secret:[^\s]+)$")]


class BaseService(Section):
    """What every service has."""

    image: str | None = None
    """The image; the service's own name if not given."""
    environment: Mapping[str, str] = Field(default_factory=dict)
    """Plain environment variables. Never a secret."""
