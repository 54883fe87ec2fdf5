"""Pulumi's provider protocol for objects of a cluster."""

from typing import Any, cast

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from offline.plugin.replies import diff_response
from offline.plugin.servicer import PluginServicer, reported, token_of
from offline.plugin.wire import State, decode_map, encode_map

from . import lifecycle
from .changes import another_cluster, changes_of
from .checking import named, refusals
from .cluster import Cluster
from .objects import guarded, identity, kind_of, state_of, without_extras
from .reading import as_written, imported
from .subject import Subject


class KubernetesServicer(PluginServicer):
    """Any kind that the cluster knows; its API checks properties by their names."""

    @reported
    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Another cluster replaces all that was in the former one."""
        olds, news = decode_map(request.olds), decode_map(request.news)
        if olds == news:
            return diff_response({})
        moved = another_cluster(olds, news)
        return diff_response({moved or "config": "UPDATE_REPLACE" if moved else "UPDATE"},
                             [moved] if moved else [])  # fmt: skip

    @reported
    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Fills in apiVersion, kind and, where the program gives none, a name."""
        token, name = token_of(request.urn), request.urn.rsplit("::", 1)[-1]
        news, olds = decode_map(request.news), decode_map(request.olds)
        api_version, kind = kind_of(token, news)
        inputs = {**without_extras(news), "apiVersion": api_version, "kind": kind}
        failures = [
            provider_pb2.CheckFailure(property=path, reason=f"{token}: {why}")
            for path, why in refusals(inputs)
        ]
        if not failures:
            inputs = named(inputs, olds, name, request.randomSeed)
        return provider_pb2.CheckResponse(
            inputs=encode_map(guarded(inputs, kind)), failures=failures
        )

    @reported
    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        """What the program says now against what it said, or what a refresh saw."""
        state, news = decode_map(request.olds), decode_map(request.news)
        olds = decode_map(request.old_inputs) or without_extras(state)
        found = changes_of(self._cluster, state, olds, news)
        return diff_response(found.kinds, found.replaces, found.delete_first)

    @reported
    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Makes the object, or tries what the API says to it."""
        subject = self._object(request, decode_map(request.properties))
        if request.preview:
            known = lifecycle.preview_create(subject)
            return provider_pb2.CreateResponse(properties=_sealed(known, subject.kind))
        made, state = lifecycle.create(subject)
        return provider_pb2.CreateResponse(id=made, properties=_sealed(state, subject.kind))

    @reported
    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The object as it is; an empty id when the API says that it is gone."""
        state, inputs = decode_map(request.properties), decode_map(request.inputs)
        subject = self._object(request, inputs or state, state)
        live = lifecycle.read(subject)
        if live is None:
            return provider_pb2.ReadResponse()
        seen = as_written(without_extras(inputs), live) if inputs else imported(live)
        manager = str(state.get("__fieldManager") or subject.write(dry_run=True).manager)
        kept = state_of(live, manager, str(state.get("__initialApiVersion") or live["apiVersion"]))
        return provider_pb2.ReadResponse(
            id=identity(live),
            properties=_sealed(kept, subject.kind),
            inputs=_sealed(seen, subject.kind),
        )

    @reported
    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Changes the object in place, or tries what the API says to it."""
        subject = self._object(request, decode_map(request.news), decode_map(request.olds))
        make = lifecycle.preview_update if request.preview else lifecycle.update
        return provider_pb2.UpdateResponse(properties=_sealed(make(subject), subject.kind))

    @reported
    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Deletes the object, and waits for its end."""
        state = decode_map(request.properties)
        lifecycle.delete(self._object(request, state, state))
        return empty_pb2.Empty()

    @property
    def _cluster(self) -> Cluster:
        return cast(Cluster, self._configured)

    def _object(self, request: Any, inputs: State, state: State | None = None) -> Subject:
        api_version, kind = kind_of(token_of(request.urn), inputs)
        return Subject(
            cluster=self._cluster,
            api_version=api_version,
            kind=kind,
            inputs=without_extras(inputs),
            state=state or {},
            id=getattr(request, "id", ""),
            seconds=float(getattr(request, "timeout", 0) or 0),
        )


def _sealed(properties: State, kind: str) -> Any:
    return encode_map(guarded(properties, kind))
