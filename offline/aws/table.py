"""What the plugin knows about a type: its properties as data, its API calls as functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .cloud import Cloud
from .wire import State

Comparison = Literal[
    "plain", "set", "json", "policy", "document", "map", "block", "blocks", "blockset", "rules"
]


@dataclass(frozen=True)
class Property:
    """One input of a resource type, or one field of a block inside it.

    compare: how two values are found equal (`policy` ignores the order of actions, for example).
    computed: left out by the program means "as it is", never "empty".
    replaces: a change makes a new resource; `replaces_if` names the flag that decides it.
    named: the physical name that is made from the logical one when the program gives none.
    fields: the fields of a block.
    """

    compare: Comparison = "plain"
    required: bool = False
    computed: bool = False
    replaces: bool = False
    replaces_if: str = ""
    default: Any = None
    named: Literal["", "hex", "hex-lower", "logical"] = ""
    fields: Mapping[str, "Property"] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One operation on one resource.

    id: physical id, empty before creation. props: the wanted inputs (create, update) or what was
    known before (read, delete). olds: the state before an update. tags: the wanted tags with the
    provider's default tags. timeout: seconds for waiting.
    """

    cloud: Cloud
    id: str
    props: State
    olds: State = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 600.0

    @property
    def region(self) -> str:
        """The resource's own region, else the provider's."""
        return str(self.props.get("region") or self.cloud.region)

    def client(self, service: str) -> Any:
        """The boto3 client of a service in the resource's region."""
        return self.cloud.client(service, self.region)


def _nothing(call: Call) -> None:
    return None


def _nothing_to_update(call: Call, changed: frozenset[str]) -> None:
    return None


@dataclass(frozen=True)
class ResourceType:
    """One resource type by its official token.

    create gives the id back at once; complete does what comes after it (waiting, second calls),
    so that a failure there leaves a resource that Pulumi knows. read gives the properties that
    the API tells, or None when the resource is gone. update gets the names of changed properties.
    recomputed: outputs that are unknown while one of these inputs changes.
    """

    token: str
    properties: Mapping[str, Property]
    outputs: frozenset[str]
    create: Callable[[Call], str]
    read: Callable[[Call], State | None]
    delete: Callable[[Call], None]
    update: Callable[[Call, frozenset[str]], None] = _nothing_to_update
    complete: Callable[[Call], None] = _nothing
    recomputed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    delete_before_replace: bool = False

    @property
    def tagged(self) -> bool:
        """Whether the type has tags, and so the provider's default tags."""
        return "tags" in self.properties


@dataclass(frozen=True)
class InvokeType:
    """One lookup by its official token: known arguments (True where required) and results."""

    token: str
    arguments: Mapping[str, bool]
    results: frozenset[str]
    call: Callable[[Call], State]


REGION = Property(computed=True, replaces=True)
TAGS = Property("map")
