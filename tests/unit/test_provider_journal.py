"""Lines for the person who watches, as the engine gets them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from provider.journal import EngineJournal


class Engine(engine_pb2_grpc.EngineServicer):
    def __init__(self) -> None:
        self.lines: list[tuple[str, bool]] = []

    def Log(self, request: engine_pb2.LogRequest, context: Any) -> empty_pb2.Empty:  # noqa: N802
        self.lines.append((request.message, request.ephemeral))
        return empty_pb2.Empty()


@pytest.fixture
def engine() -> Iterator[tuple[Engine, str]]:
    servicer, server = Engine(), grpc.server(ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield servicer, f"127.0.0.1:{port}"
    finally:
        server.stop(0)


def test_a_fact_stays_and_a_status_does_not(engine: tuple[Engine, str]) -> None:
    servicer, address = engine
    journal = EngineJournal(address)
    journal.info("urn", "built")
    journal.status("urn", "x" * 1000)
    time.sleep(0.4)
    assert servicer.lines == [("built", False), ("x" * 200, True)]


def test_of_many_status_lines_the_last_is_shown(engine: tuple[Engine, str]) -> None:
    servicer, address = engine
    journal = EngineJournal(address)
    for n in range(1000):
        journal.status("urn", f"line {n}")
    time.sleep(0.4)
    assert servicer.lines[-1] == ("line 999", True)
    assert len(servicer.lines) < 10


def test_no_status_comes_after_the_fact_that_ends_it(engine: tuple[Engine, str]) -> None:
    servicer, address = engine
    journal = EngineJournal(address)
    journal.status("urn", "building")
    journal.info("urn", "built")
    time.sleep(0.4)
    assert servicer.lines == [("built", False)]


def test_a_lost_engine_is_no_error() -> None:
    EngineJournal("127.0.0.1:1").info("urn", "into the void")
