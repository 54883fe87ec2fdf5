"""One object of a program: where it is, its document, and under which manager it is written."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from offline.plugin.wire import State

from .api import Kind, Write
from .cluster import Cluster
from .objects import (
    FORCE,
    MANAGER,
    annotation,
    metadata_of,
    split_identity,
    state_of,
    without_extras,
)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One object of a program."""

    cluster: Cluster
    api_version: str
    kind: str
    inputs: State
    """What the program says of it, without what Pulumi keeps for itself."""
    state: Mapping[str, Any]
    """What is known of it; empty before it is made."""
    id: str = ""
    """namespace/name, empty before it is made."""
    seconds: float = 0
    """The program's own limit, 0 if it has none."""

    @property
    def served(self) -> Kind:
        """Raises NoKindError."""
        return self.cluster.api.kind(self.api_version, self.kind)

    @property
    def namespace(self) -> str:
        """Where it is or is to be."""
        if self.id:
            return split_identity(self.id)[0]
        wanted = str(metadata_of(self.inputs).get("namespace") or self.cluster.namespace)
        return wanted if self.served.namespaced else ""

    def body(self) -> State:
        """Its document."""
        metadata = dict(metadata_of(self.inputs))
        if self.namespace:
            metadata["namespace"] = self.namespace
        if self.id and not metadata.get("name"):
            metadata = {**metadata, "name": split_identity(self.id)[1]}
            metadata.pop("generateName", None)
        named = {"apiVersion": self.api_version, "kind": self.kind}
        body: State = without_extras({**self.inputs, **named, "metadata": metadata})
        return body

    def write(self, *, dry_run: bool) -> Write:
        """Under the manager of the program, of the state, or a new one."""
        manager = annotation(self.inputs, MANAGER) or str(self.state.get("__fieldManager") or "")
        force = annotation(self.inputs, FORCE).lower() == "true" or self.cluster.settings.force
        manager = manager or f"pulumi-kubernetes-{secrets.token_hex(4)}"
        return Write(manager=manager, dry_run=dry_run, force=force)

    def kept(self, live: State, write: Write) -> State:
        """The state of the live object."""
        initial = str(self.state.get("__initialApiVersion") or self.api_version)
        return state_of(live, write.manager, initial)
