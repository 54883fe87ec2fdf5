"""What a plugin knows about a type: its properties as data, its API calls as functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from .wire import State

Comparison = (
    Literal["plain", "set", "json", "document", "map", "block", "blocks", "blockset"]
    | Callable[[Any, Any], bool]
)


@dataclass(frozen=True)
class Property:
    """One input of a resource type, or one field of a block inside it.

    compare: how two values are found equal; a function where the field has rules of its own.
    computed: left out by the program means "as it is", never "empty".
    replaces: a change makes a new resource; `replaces_if` names the flag that decides it, and
    `replaces_when` asks both values (wanted, former).
    named: the physical name that is made from the logical one when the program gives none, of at
    most `longest` characters.
    fields: the fields of a block.
    """

    compare: Comparison = "plain"
    required: bool = False
    computed: bool = False
    replaces: bool = False
    replaces_if: str = ""
    replaces_when: Callable[[Any, Any], bool] | None = None
    default: Any = None
    named: Literal["", "hex", "hex-lower", "logical"] = ""
    longest: int = 0
    fields: Mapping[str, "Property"] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One operation on one resource.

    id: physical id, empty before creation. props: the wanted inputs (create, update) or what was
    known before (read, delete). olds: the state before an update. tags: the wanted tags with the
    provider's default tags. timeout: seconds for waiting.
    """

    id: str
    props: State
    olds: State = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 600.0

    @property
    def default_tags(self) -> Mapping[str, str]:
        """The tags that the provider's configuration gives to every resource."""
        return {}

    @property
    def region(self) -> str:
        """The resource's own region, else the provider's; empty where there are none."""
        return ""

    def is_gone(self, error: Exception) -> bool:
        """Whether an error of the API says that the resource is not there."""
        return False


CallT = TypeVar("CallT", bound=Call)


def _nothing(call: Any) -> None:
    return None


def _no_refusals(inputs: State) -> list[tuple[str, str]]:
    return []


def _nothing_to_update(call: Any, changed: frozenset[str]) -> None:
    return None


@dataclass(frozen=True)
class ResourceType(Generic[CallT]):
    """One resource type by its official token.

    create gives the id back at once, with what only the creating call tells; complete does what
    comes after it (waiting, second calls), so that a failure there leaves a resource that Pulumi
    knows. read gives the properties that the API tells, or None when the resource is gone. update
    gets the names of changed properties.
    recomputed: outputs that are unknown while one of these inputs changes, where `recomputed_if`
    names a flag for one: only while that input is true.
    refuse: what is wrong with known inputs, as (property, reason), before anything happens.
    """

    token: str
    properties: Mapping[str, Property]
    outputs: frozenset[str]
    create: Callable[[CallT], str | tuple[str, State]]
    read: Callable[[CallT], State | None]
    delete: Callable[[CallT], None]
    update: Callable[[CallT, frozenset[str]], None] = _nothing_to_update
    complete: Callable[[CallT], None] = _nothing
    recomputed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    recomputed_if: Mapping[str, str] = field(default_factory=dict)
    refuse: Callable[[State], list[tuple[str, str]]] = _no_refusals
    delete_before_replace: bool = False

    @property
    def tagged(self) -> bool:
        """Whether the type has tags, and so the provider's default tags."""
        return "tags" in self.properties and "tagsAll" in self.outputs


@dataclass(frozen=True)
class InvokeType(Generic[CallT]):
    """One lookup by its official token: known arguments (True where required) and results."""

    token: str
    arguments: Mapping[str, bool]
    results: frozenset[str]
    call: Callable[[CallT], State]


TAGS = Property("map")
