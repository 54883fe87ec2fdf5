"""Pulumi's provider protocol over the tables; each call runs in a thread of the server's pool."""

import functools
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from . import operations
from .changes import changes
from .check import check, check_invoke, unknown_type
from .definition import Backend, ConfigurationError, Plugin
from .failures import message
from .replies import abort_half_made, diff_response
from .table import ResourceType
from .wire import State, decode_map, encode_map, has_unknown

_WAIT = 600.0  # seconds
Method = Callable[[Any, Any, Any], Any]


def reported(method: Method) -> Method:
    """Any failure ends as one message of the gRPC status."""

    @functools.wraps(method)
    def wrapper(self: "PluginServicer", request: Any, context: Any) -> Any:
        try:
            return method(self, request, context)
        except operations.HalfMadeError as error:
            abort_half_made(
                context, error, message(error.cause, self._subject(request), self._plugin)
            )
        except Exception as error:
            context.abort(
                grpc.StatusCode.UNKNOWN, message(error, self._subject(request), self._plugin)
            )

    return wrapper


class PluginServicer(provider_pb2_grpc.ResourceProviderServicer):
    """A plugin for the types of its tables, on one configuration."""

    def __init__(self, plugin: Plugin) -> None:
        self._plugin = plugin
        self._backend: Backend | None = None

    @property
    def _configured(self) -> Backend:
        if self._backend is None:
            raise ConfigurationError(f"{self._plugin.name}: the provider is not configured yet")
        return self._backend

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Plain values only: the engine keeps secrets and outputs to itself."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=False, accept_resources=False, accept_outputs=False
        )

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The version that this plugin stands in for."""
        return plugin_pb2.PluginInfo(version=self._plugin.version)

    @reported
    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Refuses unknown or malformed settings before anything else."""
        news = decode_map(request.news)
        failures = []
        if not has_unknown(news):
            try:
                self._plugin.check_settings(news)
            except ConfigurationError as error:
                failures = [provider_pb2.CheckFailure(reason=str(error))]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @reported
    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """A changed configuration never replaces resources."""
        return diff_response({} if request.olds == request.news else {"config": "UPDATE"})

    @reported
    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Takes the settings; whoever makes the backend refuses what must not be."""
        self._backend = self._plugin.configure(decode_map(request.args))
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    @reported
    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Refuses unknown and missing properties; adds defaults and names."""
        kind, name = self._kind(request), request.urn.rsplit("::", 1)[-1]
        checked = check(
            kind, name, decode_map(request.news), decode_map(request.olds), request.randomSeed
        )
        failures = [
            provider_pb2.CheckFailure(property=path, reason=reason)
            for path, reason in checked.failures
        ]
        return provider_pb2.CheckResponse(inputs=encode_map(checked.inputs), failures=failures)

    @reported
    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The changed properties, and which of them make a new resource."""
        call = self._call(request, decode_map(request.news), decode_map(request.olds))
        found = changes(
            self._kind(request),
            call.olds,
            call.props,
            call.default_tags,
            ignored=request.ignoreChanges,
        )
        return diff_response(dict(found.kinds), found.replaces, found.delete_before_replace)

    @reported
    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Makes the resource, or says in a preview what is known beforehand."""
        kind, call = self._kind(request), self._call(request, decode_map(request.properties))
        if request.preview:
            known = operations.preview_create(kind, call)
            return provider_pb2.CreateResponse(properties=encode_map(known))
        resource_id, state = operations.create(kind, call)
        return provider_pb2.CreateResponse(id=resource_id, properties=encode_map(state))

    @reported
    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The resource as it is; an empty id when it is gone."""
        kind, call = self._kind(request), self._call(request, decode_map(request.properties))
        found = operations.read(kind, call, decode_map(request.inputs))
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=request.id, properties=encode_map(found.state), inputs=encode_map(found.inputs)
        )

    @reported
    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Changes the resource in place."""
        kind = self._kind(request)
        call = self._call(request, decode_map(request.news), decode_map(request.olds))
        make = operations.preview_update if request.preview else operations.update
        return provider_pb2.UpdateResponse(properties=encode_map(make(kind, call)))

    @reported
    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Deletes the resource."""
        operations.delete(self._kind(request), self._call(request, decode_map(request.properties)))
        return empty_pb2.Empty()

    @reported
    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Answers a lookup."""
        known = self._plugin.invoke_types
        kind = known.get(request.tok)
        if kind is None:
            raise unknown_type("lookup", request.tok, known)
        arguments = decode_map(request.args)
        check_invoke(kind, arguments)
        answer = kind.call(self._configured.call("", arguments, {}, _WAIT))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode_map(answer))
        return response

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Ends all waiting."""
        if self._backend is not None:
            self._backend.cancel()
        return empty_pb2.Empty()

    def _call(self, request: Any, props: State, olds: State | None = None) -> Any:
        timeout = getattr(request, "timeout", 0) or _WAIT
        return self._configured.call(getattr(request, "id", ""), props, olds or {}, timeout)

    def _kind(self, request: Any) -> ResourceType[Any]:
        known, token = self._plugin.resource_types, token_of(request.urn)
        if token not in known:
            raise unknown_type("resource type", token, known)
        return known[token]

    def _subject(self, request: Any) -> str:
        urn = getattr(request, "urn", "")
        if urn.count("::") >= 3:
            return f"{token_of(urn)} '{urn.split('::', 3)[3]}'"
        return str(getattr(request, "tok", "") or self._plugin.name)


def token_of(urn: str) -> str:
    """The type in a URN, such as aws:ecs/cluster:Cluster."""
    return urn.split("::")[2].rsplit("$", 1)[-1]
