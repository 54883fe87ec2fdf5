"""Answers to the engine that take more than one line."""

from typing import Any, NoReturn

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from .operations import HalfMadeError
from .wire import encode_map


def diff_response(
    kinds: dict[str, str], replaces: list[str] | None = None, delete_first: bool = False
) -> Any:
    """The answer to Diff: property to kind of change."""
    response = provider_pb2.DiffResponse
    return response(
        changes=response.DIFF_SOME if kinds else response.DIFF_NONE,
        diffs=sorted(kinds),
        replaces=replaces or [],
        deleteBeforeReplace=delete_first,
        detailedDiff={
            name: provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.Kind.Value(verb))
            for name, verb in kinds.items()
        },
        hasDetailedDiff=True,
    )


def abort_half_made(context: Any, error: HalfMadeError, text: str) -> NoReturn:
    """Fails the call so that Pulumi keeps the resource and tries again with it."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.resource_id, properties=encode_map(error.state), reasons=[text]
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=text)
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, text)
    raise AssertionError("abort always raises")
