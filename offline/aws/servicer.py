"""Pulumi's provider protocol over the tables; each call runs in a thread of the server's pool."""

import functools
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from . import operations
from .catalogue import INVOKE_TYPES, RESOURCE_TYPES, VERSION
from .changes import changes
from .check import check, check_invoke, unknown_type
from .cloud import Cloud, ConfigurationError, settings
from .failures import message
from .replies import abort_half_made, diff_response
from .table import Call, ResourceType
from .wire import State, decode_map, encode_map, has_unknown

Method = Callable[["AwsServicer", Any, Any], Any]


def _reported(method: Method) -> Method:
    """Any failure ends as one message of the gRPC status."""

    @functools.wraps(method)
    def wrapper(self: "AwsServicer", request: Any, context: Any) -> Any:
        try:
            return method(self, request, context)
        except operations.HalfMadeError as error:
            abort_half_made(context, error, message(error.cause, _subject(request)))
        except Exception as error:
            context.abort(grpc.StatusCode.UNKNOWN, message(error, _subject(request)))

    return wrapper


class AwsServicer(provider_pb2_grpc.ResourceProviderServicer):
    """The plugin `aws` for the types of the tables, on one configuration."""

    def __init__(self) -> None:
        self._cloud: Cloud | None = None

    @property
    def _configured(self) -> Cloud:
        if self._cloud is None:
            raise ConfigurationError("aws: the provider is not configured yet")
        return self._cloud

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Plain values only: the engine keeps secrets and outputs to itself."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=False, accept_resources=False, accept_outputs=False
        )

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The version that this plugin stands in for."""
        return plugin_pb2.PluginInfo(version=VERSION)

    @_reported
    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Refuses unknown or malformed settings before anything else."""
        news = decode_map(request.news)
        failures = []
        if not has_unknown(news):
            try:
                settings(news)
            except ConfigurationError as error:
                failures = [provider_pb2.CheckFailure(reason=str(error))]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @_reported
    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """A changed configuration never replaces resources."""
        return diff_response({} if request.olds == request.news else {"config": "UPDATE"})

    @_reported
    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Takes the settings and refuses a wrong account."""
        cloud = Cloud(settings(decode_map(request.args)))
        cloud.check_account()
        self._cloud = cloud
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    @_reported
    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Refuses unknown and missing properties; adds defaults and names."""
        kind, name = _kind(request), request.urn.rsplit("::", 1)[-1]
        checked = check(
            kind, name, decode_map(request.news), decode_map(request.olds), request.randomSeed
        )
        failures = [
            provider_pb2.CheckFailure(property=path, reason=reason)
            for path, reason in checked.failures
        ]
        return provider_pb2.CheckResponse(inputs=encode_map(checked.inputs), failures=failures)

    @_reported
    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The changed properties, and which of them make a new resource."""
        found = changes(
            _kind(request),
            decode_map(request.olds),
            decode_map(request.news),
            self._configured.settings.default_tags,
        )
        return diff_response(dict(found.kinds), found.replaces, found.delete_before_replace)

    @_reported
    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Makes the resource, or says in a preview what is known beforehand."""
        kind, call = _kind(request), self._call(request, decode_map(request.properties))
        if request.preview:
            known = operations.preview_create(kind, call)
            return provider_pb2.CreateResponse(properties=encode_map(known))
        resource_id, state = operations.create(kind, call)
        return provider_pb2.CreateResponse(id=resource_id, properties=encode_map(state))

    @_reported
    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The resource as it is; an empty id when it is gone."""
        kind, call = _kind(request), self._call(request, decode_map(request.properties))
        found = operations.read(kind, call, decode_map(request.inputs))
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=request.id, properties=encode_map(found.state), inputs=encode_map(found.inputs)
        )

    @_reported
    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Changes the resource in place."""
        kind = _kind(request)
        call = self._call(request, decode_map(request.news), decode_map(request.olds))
        make = operations.preview_update if request.preview else operations.update
        return provider_pb2.UpdateResponse(properties=encode_map(make(kind, call)))

    @_reported
    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Deletes the resource."""
        operations.delete(_kind(request), self._call(request, decode_map(request.properties)))
        return empty_pb2.Empty()

    @_reported
    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Answers a lookup."""
        kind = INVOKE_TYPES.get(request.tok)
        if kind is None:
            raise unknown_type("lookup", request.tok, INVOKE_TYPES)
        arguments = decode_map(request.args)
        check_invoke(kind, arguments)
        answer = kind.call(Call(self._configured, "", arguments))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode_map(answer))
        return response

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Ends all waiting."""
        if self._cloud is not None:
            self._cloud.cancelled.set()
        return empty_pb2.Empty()

    def _call(self, request: Any, props: State, olds: State | None = None) -> Call:
        return Call(
            self._configured,
            getattr(request, "id", ""),
            props,
            olds or {},
            timeout=getattr(request, "timeout", 0) or 600.0,
        )


def _kind(request: Any) -> ResourceType:
    token = _token(request.urn)
    if token not in RESOURCE_TYPES:
        raise unknown_type("resource type", token, RESOURCE_TYPES)
    return RESOURCE_TYPES[token]


def _token(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", 1)[-1]


def _subject(request: Any) -> str:
    urn = getattr(request, "urn", "")
    if urn.count("::") >= 3:
        return f"{_token(urn)} '{urn.split('::', 3)[3]}'"
    return str(getattr(request, "tok", "") or "aws")
