"""The plugin's side of Pulumi's provider protocol: one asyncio loop, all work in threads."""

from __future__ import annotations

import asyncio
import errno
import json
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from clients import ClientError
from provider.journal import Journal
from provider.resource import Call, Diff, Last, Old, Resource
from provider.wire import decode, encode
from release.record_text import harmless

VERSION = "0.1.0"
_THREADS = 64
_FULL = (errno.ENOSPC, errno.EDQUOT)
Answer = TypeVar("Answer")
Types = Callable[[Mapping[str, Any], Path], Mapping[str, Resource]]


class RolloutServicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine. Errors are one message; their traceback goes to the debug log."""

    def __init__(self, journal: Journal, folder: Path, types: Types) -> None:
        """`folder` is the Pulumi program's; `types` makes the resource types by token, from the
        provider's own inputs and that folder."""
        self._journal = journal
        self._folder = folder
        self._types = types
        self._resources: asyncio.Future[Mapping[str, Resource]] | None = None
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="rollout")
        self.cancelled = threading.Event()

    async def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The plugin's version."""
        from pulumi.runtime.proto import plugin_pb2

        return plugin_pb2.PluginInfo(version=VERSION)

    async def GetSchema(self, request: Any, context: Any) -> pb.GetSchemaResponse:  # noqa: N802
        """A name and a version: the typed classes are in provider/sdk.py."""
        return pb.GetSchemaResponse(schema=json.dumps({"name": "rollout", "version": VERSION}))

    async def CheckConfig(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:  # noqa: N802
        """Take the provider's inputs as they are, secrets included."""
        return pb.CheckResponse(inputs=request.news)

    async def DiffConfig(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:  # noqa: N802
        """Another configuration never replaces what was made with the one before."""
        return _diff_response(
            Diff(changed=["configuration"] if request.old_inputs != request.news else [])
        )

    async def Configure(self, request: pb.ConfigureRequest, context: Any) -> pb.ConfigureResponse:  # noqa: N802
        """Begin to load what resources need; the engine may go on until it asks for one."""
        loop, values = asyncio.get_running_loop(), decode(request.args)
        self._resources = loop.run_in_executor(self._threads, self._types, values, self._folder)
        return pb.ConfigureResponse(supportsPreview=True)

    async def Check(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:  # noqa: N802
        """Judge the inputs; the engine shows each failure with its property."""
        resource = await self._resource(request.urn, context)
        wrong = resource.check(decode(request.news))
        failures = [pb.CheckFailure(property=name, reason=text) for name, text in wrong.items()]
        return pb.CheckResponse(inputs=request.news, failures=failures)

    async def Diff(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:  # noqa: N802
        """What an update would do."""
        resource = await self._resource(request.urn, context)
        old = Old(inputs=decode(request.old_inputs), outputs=decode(request.olds))
        call, news = self._call(request.urn), decode(request.news)
        return _diff_response(await self._work(context, call, resource.diff, call, old, news))

    async def Create(self, request: pb.CreateRequest, context: Any) -> pb.CreateResponse:  # noqa: N802
        """Make a resource, or foretell it."""
        resource, call = await self._resource(request.urn, context), self._call(request.urn)
        made, outputs = await self._work(
            context, call, resource.settle, call, decode(request.properties), None, request.preview
        )
        return pb.CreateResponse(id="" if request.preview else made, properties=encode(outputs))

    async def Update(self, request: pb.UpdateRequest, context: Any) -> pb.UpdateResponse:  # noqa: N802
        """Change a resource, or foretell it."""
        resource, call = await self._resource(request.urn, context), self._call(request.urn)
        old = Old(inputs=decode(request.old_inputs), outputs=decode(request.olds))
        _, outputs = await self._work(
            context, call, resource.settle, call, decode(request.news), old, request.preview
        )
        return pb.UpdateResponse(properties=encode(outputs))

    async def Read(self, request: pb.ReadRequest, context: Any) -> pb.ReadResponse:  # noqa: N802
        """What a resource really is; an empty answer takes it out of the state."""
        resource, call = await self._resource(request.urn, context), self._call(request.urn)
        if not request.HasField("inputs") or not request.inputs.fields:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "a rollout can't be imported")
        old = Old(inputs=decode(request.inputs), outputs=decode(request.properties))
        found = await self._work(context, call, resource.read, call, old)
        if found is None:
            return pb.ReadResponse()
        return pb.ReadResponse(id=request.id, properties=encode(found), inputs=request.inputs)

    async def Delete(self, request: pb.DeleteRequest, context: Any) -> empty_pb2.Empty:  # noqa: N802
        """Nothing: images and hosts outlive their place in a stack."""
        return empty_pb2.Empty()

    async def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        """End running builds and polls; each then fails with its own message."""
        self.cancelled.set()
        return empty_pb2.Empty()

    async def end(self) -> None:
        """What is left to do when the engine ends this process."""
        loop = asyncio.get_running_loop()
        for each in (await self._resources).values() if self._resources else ():
            if isinstance(each, Last):
                await loop.run_in_executor(self._threads, each.end, self._call(""))

    def _call(self, urn: str) -> Call:
        return Call(urn, self._journal, self.cancelled)

    async def _resource(self, urn: str, context: Any) -> Resource:
        token = urn.split("::")[2].rsplit("$", 1)[-1]
        resources = await self._resources if self._resources else {}
        if token not in resources:
            known = ", ".join(resources) or "none before the provider is configured"
            await context.abort(
                grpc.StatusCode.UNIMPLEMENTED, f"{token} is no resource of rollout; known: {known}"
            )
        return resources[token]

    async def _work(
        self, context: Any, call: Call, work: Callable[..., Answer], *arguments: Any
    ) -> Answer:
        """Run blocking work in a thread; end the request with one message if it fails."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, work, *arguments)
        except ClientError as error:
            message = str(error)
        except Exception as error:
            self._journal.debug(call.urn, traceback.format_exc())
            message = _unforeseen(error)
        await context.abort(grpc.StatusCode.UNKNOWN, message)
        raise AssertionError("abort raises")


def _unforeseen(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in _FULL:
        return (
            f"a disk of this machine is full: {error}. Make room (`df -h` tells where, `docker "
            "system df` what Docker takes of it), then run the update again"
        )
    return (
        f"the rollout plugin failed: {type(error).__name__}: {harmless(str(error))}. This is a "
        "fault of slipway; `pulumi --debug` shows where"
    )


def _diff_response(diff: Diff) -> pb.DiffResponse:
    some = diff.changed or diff.replaced
    return pb.DiffResponse(
        changes=pb.DiffResponse.DIFF_SOME if some else pb.DiffResponse.DIFF_NONE,
        diffs=diff.changed,
        replaces=diff.replaced,
    )
