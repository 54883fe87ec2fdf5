"""The plugin as the engine sees it: real gRPC, with resource types that are slow or fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from clients import CancelledError, ClientError
from provider.resource import Call, Diff, Old, Properties
from provider.servicer import RolloutServicer
from provider.wire import UNKNOWN, decode, encode
from tests.fakes.lines import Lines

URN = "urn:pulumi:dev::p::slipway:index:X$rollout:index:Slow::name"


class Slow:
    """Takes 0.4 s to settle, or as long as the run is not cancelled, or fails."""

    def check(self, inputs: Properties) -> dict[str, str]:
        return {"word": "is wrong"} if inputs.get("word") == "bad" else {}

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        return Diff(changed=["word"] if old.inputs != inputs else [])

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        word = inputs["word"]
        if word == "fail":
            raise ClientError("shop: two\nlines")
        if word == "bug":
            raise KeyError("inner")
        if word == "full":
            Path("/dev/full").write_text("a context")
        if word == "forever":
            call.cancelled.wait(30)
            raise CancelledError("cancelled")
        time.sleep(0.4)
        return "the-id", {"word": word, "unknown": UNKNOWN if preview else None}

    def read(self, call: Call, old: Old) -> Properties | None:
        return None if old.inputs["word"] == "gone" else {"word": "found"}


class AtTheEnd(Slow):
    """Has something left to do."""

    def end(self, call: Call) -> None:
        call.info("done at the end")


TYPES = {"rollout:index:Slow": Slow(), "rollout:index:AtTheEnd": AtTheEnd()}
Talk = Callable[[provider_pb2_grpc.ResourceProviderStub, RolloutServicer], Awaitable[None]]


def talk(conversation: Talk) -> Lines:
    """Serve on a free port, configure, and hold the conversation."""
    lines = Lines()

    async def hold() -> None:
        servicer = RolloutServicer(lines, Path("."), lambda *_: TYPES)
        server = grpc.aio.server()
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub = provider_pb2_grpc.ResourceProviderStub(channel)
                await stub.Configure(pb.ConfigureRequest(args=encode({"region": "eu-west-1"})))
                await conversation(stub, servicer)
        finally:
            await server.stop(0)
        await servicer.end()

    asyncio.run(hold())
    return lines


def create(word: str, preview: bool = False) -> pb.CreateRequest:
    return pb.CreateRequest(urn=URN, properties=encode({"word": word}), preview=preview)


async def failure(answer: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await answer
    return str(error.value.details())


def test_many_creates_take_about_as_long_as_one() -> None:
    async def conversation(stub: Any, servicer: RolloutServicer) -> None:
        began = time.monotonic()
        answers = await asyncio.gather(*(stub.Create(create("x")) for _ in range(30)))
        assert time.monotonic() - began < 2
        assert {answer.id for answer in answers} == {"the-id"}

    talk(conversation)


def test_cancel_ends_what_is_running_at_once() -> None:
    async def conversation(stub: Any, servicer: RolloutServicer) -> None:
        running = asyncio.gather(*(failure(stub.Create(create("forever"))) for _ in range(5)))
        await asyncio.sleep(0.2)
        began = time.monotonic()
        await stub.Cancel(empty_pb2.Empty())
        assert await running == ["cancelled"] * 5
        assert time.monotonic() - began < 1

    talk(conversation)


def test_an_error_is_its_message_and_nothing_else() -> None:
    async def conversation(stub: Any, servicer: RolloutServicer) -> None:
        assert await failure(stub.Create(create("fail"))) == "shop: two\nlines"

    talk(conversation)


def test_a_fault_of_the_plugin_is_one_line_and_its_traceback_is_for_debugging() -> None:
    debug: list[str] = []

    async def conversation(stub: Any, servicer: RolloutServicer) -> None:
        servicer._journal.debug = lambda urn, text: debug.append(text)  # type: ignore[method-assign]
        said = await failure(stub.Create(create("bug")))
        assert said.startswith("the rollout plugin failed: KeyError: 'inner'")
        assert "Traceback" not in said
        assert "\n" not in said

    talk(conversation)
    assert "Traceback" in debug[0]


@pytest.mark.fault(38, "the disk of the machine that builds is full")
def test_a_full_disk_is_told_with_what_to_do_and_is_no_fault_of_ours() -> None:
    async def conversation(stub: Any, servicer: RolloutServicer) -> None:
        said = await failure(stub.Create(create("full")))
        assert said.startswith("a disk of this machine is full: [Errno 28] No space left on device")
        assert "Make room" in said
        assert "fault of slipway" not in said

    talk(conversation)


def test_a_preview_has_no_id_and_may_have_unknown_outputs() -> None:
    async def conversation(stub: Any, servicer: RolloutServicer) -> None:
        answer = await stub.Create(create("x", preview=True))
        assert answer.id == ""
        assert decode(answer.properties) == {"word": "x", "unknown": rpc.UNKNOWN}

    talk(conversation)


def test_check_names_the_property_and_gives_the_inputs_back_as_they_were() -> None:
    async def conversation(stub: Any, servicer: RolloutServicer) -> None:
        news = encode({"word": "bad"})
        answer = await stub.Check(pb.CheckRequest(urn=URN, news=news))
        assert [(f.property, f.reason) for f in answer.failures] == [("word", "is wrong")]
        assert answer.inputs == news

    talk(conversation)


def test_diff_compares_with_the_old_inputs() -> None:
    async def conversation(stub: Any, servicer: RolloutServicer) -> None:
        for word, changes in (("a", pb.DiffResponse.DIFF_NONE), ("b", pb.DiffResponse.DIFF_SOME)):
            answer = await stub.Diff(
                pb.DiffRequest(
                    urn=URN, old_inputs=encode({"word": "a"}), news=encode({"word": word})
                )
            )
            assert answer.changes == changes
            assert not answer.replaces

    talk(conversation)


def test_a_vanished_resource_is_read_as_an_empty_id() -> None:
    async def conversation(stub: Any, servicer: RolloutServicer) -> None:
        for word, id_ in (("gone", ""), ("there", "the-id")):
            inputs = encode({"word": word})
            answer = await stub.Read(pb.ReadRequest(id="the-id", urn=URN, inputs=inputs))
            assert answer.id == id_

    talk(conversation)


def test_delete_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    async def conversation(stub: Any, servicer: RolloutServicer) -> None:
        monkeypatch.setattr(servicer, "_resources", None)
        await stub.Delete(pb.DeleteRequest(id="the-id", urn=URN))

    talk(conversation)


def test_what_is_left_to_do_is_done_when_the_plugin_ends() -> None:
    async def conversation(stub: Any, servicer: RolloutServicer) -> None:
        await stub.Create(create("x"))

    assert talk(conversation).facts == ["done at the end"]


def test_a_plugin_that_was_never_configured_ends_too() -> None:
    asyncio.run(RolloutServicer(Lines(), Path("."), lambda *_: TYPES).end())


def test_an_unknown_type_is_refused_by_name() -> None:
    async def conversation(stub: Any, servicer: RolloutServicer) -> None:
        said = await failure(stub.Check(pb.CheckRequest(urn=URN.replace("Slow", "Other"))))
        known = "rollout:index:Slow, rollout:index:AtTheEnd"
        assert said == f"rollout:index:Other is no resource of rollout; known: {known}"

    talk(conversation)
