"""One plugin: its name and version, its types, and what its configuration leads to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .table import InvokeType, ResourceType
from .wire import State


class ConfigurationError(Exception):
    """A provider setting is wrong; the text names key, value and what is allowed."""


class Backend(Protocol):
    """What the resources of one configured plugin live in: an AWS account, a Docker engine."""

    def call(self, resource_id: str, props: State, olds: State, timeout: float) -> Any:
        """One operation on one resource, timeout in seconds."""

    def cancel(self) -> None:
        """Ends all waiting."""


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A stand-in, as the servicer needs it."""

    name: str
    """The package, such as aws."""
    version: str
    """The version of the official plugin that it stands in for."""
    resource_types: Mapping[str, ResourceType[Any]]
    """By token."""
    invoke_types: Mapping[str, InvokeType[Any]]
    """By token."""
    configure: Callable[[State], Backend]
    """From the settings on the wire; raises ConfigurationError."""
    check_settings: Callable[[State], object]
    """Looks at settings without reaching anything; raises ConfigurationError."""
    reason: Callable[[Exception], str | None]
    """An error of the API in its own words and what to do, or None if it is none."""
