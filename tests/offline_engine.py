"""What Pulumi's engine asks a plugin, over a real channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from offline.plugin.definition import Plugin
from offline.plugin.servicer import PluginServicer
from offline.plugin.wire import decode_map, encode_map

State = dict[str, Any]


@dataclass
class Made:
    """A resource as the engine keeps it."""

    token: str
    name: str
    id: str
    inputs: State
    state: State


class Engine:
    """The engine's side of the protocol. Every refusal is a grpc.RpcError or a check failure."""

    def __init__(self, stub: Any) -> None:
        self.stub = stub

    def configure(self, config: State) -> None:
        self.stub.Configure(provider_pb2.ConfigureRequest(args=encode_map(config)))

    def check(
        self, token: str, name: str, inputs: State, olds: State | None = None
    ) -> tuple[State, list[str]]:
        request = provider_pb2.CheckRequest(
            urn=urn(token, name),
            news=encode_map(inputs),
            olds=encode_map(olds or {}),
            randomSeed=name.encode(),
        )
        answer = self.stub.Check(request)
        return decode_map(answer.inputs), [failure.reason for failure in answer.failures]

    def create(self, token: str, name: str, inputs: State, seconds: float = 0) -> Made:
        checked, failures = self.check(token, name, inputs)
        assert failures == []
        answer = self.stub.Create(
            provider_pb2.CreateRequest(
                urn=urn(token, name), properties=encode_map(checked), timeout=seconds
            )
        )
        return Made(token, name, answer.id, checked, decode_map(answer.properties))

    def preview(self, token: str, name: str, inputs: State) -> State:
        request = provider_pb2.CreateRequest(
            urn=urn(token, name), properties=encode_map(inputs), preview=True
        )
        return decode_map(self.stub.Create(request).properties)

    def diff(self, made: Made, inputs: State, *, ignored: Sequence[str] = ()) -> Any:
        checked, failures = self.check(made.token, made.name, inputs, made.inputs)
        assert failures == []
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                id=made.id,
                urn=urn(made.token, made.name),
                olds=encode_map(made.state),
                news=encode_map(checked),
                old_inputs=encode_map(made.inputs),
                ignoreChanges=ignored,
            )
        )

    def changed(self, made: Made, inputs: State) -> list[str]:
        return list(self.diff(made, inputs).diffs)

    def update(self, made: Made, inputs: State, *, preview: bool = False) -> Made:
        checked, _ = self.check(made.token, made.name, inputs, made.inputs)
        answer = self.stub.Update(
            provider_pb2.UpdateRequest(
                id=made.id,
                urn=urn(made.token, made.name),
                olds=encode_map(made.state),
                news=encode_map(checked),
                preview=preview,
            )
        )
        return Made(made.token, made.name, made.id, checked, decode_map(answer.properties))

    def read(self, made: Made) -> Made | None:
        answer = self.stub.Read(
            provider_pb2.ReadRequest(
                id=made.id,
                urn=urn(made.token, made.name),
                properties=encode_map(made.state),
                inputs=encode_map(made.inputs),
            )
        )
        if not answer.id:
            return None
        inputs, state = decode_map(answer.inputs), decode_map(answer.properties)
        return Made(made.token, made.name, answer.id, inputs, state)

    def delete(self, made: Made) -> None:
        self.stub.Delete(
            provider_pb2.DeleteRequest(
                id=made.id, urn=urn(made.token, made.name), properties=encode_map(made.state)
            )
        )

    def invoke(self, token: str, **arguments: Any) -> State:
        request = provider_pb2.InvokeRequest(tok=token, args=encode_map(arguments))
        return decode_map(getattr(self.stub.Invoke(request), "return"))


@contextmanager
def serving(plugin: Plugin, config: Mapping[str, Any] | None = None) -> Iterator[Engine]:
    """An engine that talks to the plugin over a real channel; configured if `config` is given."""
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(PluginServicer(plugin), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            asking = Engine(provider_pb2_grpc.ResourceProviderStub(channel))
            if config is not None:
                asking.configure(dict(config))
            yield asking
    finally:
        server.stop(None)


def urn(token: str, name: str) -> str:
    """The URN of a resource inside a component."""
    return f"urn:pulumi:test::slipway::slipway:index:Host${token}::{name}"
