"""What all services of a stack file have, and the grammar of their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from infra.release_section import Section

Port = Annotated[int, Field(ge=1, le=65535)]
Path = Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~/?=&-]{0,200}$")]
Volume = Annotated[str, Field(pattern=r"^[a-z0-9._-]+:/[A-Za-z0-9._/-]+$")]
Reference = Annotated[str, Field(pattern=r"^(parameter:/?[A-Za-z0-9._/-]+|secret:[^\s]+)$")]
Subnet = Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")]


class BaseService(Section):
    """What every service has."""

    image: str | None = None
    """The image; the service's own name if not given."""
    environment: Mapping[str, str] = Field(default_factory=dict)
    """Plain environment variables. Never a secret."""
