"""The plugin process: prints its port and serves the engine until the engine is gone."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from .definition import Plugin
from .servicer import PluginServicer

_LIMIT = 400 * 1024 * 1024  # bytes, the engine's own limit


def serve(plugin: Plugin, servicer: type[PluginServicer] = PluginServicer) -> None:
    """Serves on a free loopback port; ends when the parent process, the engine, has ended."""
    parent = os.getppid()
    server = grpc.server(
        ThreadPoolExecutor(max_workers=64),
        options=[(f"grpc.max_{way}_message_length", _LIMIT) for way in ("receive", "send")],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer(plugin), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while server.wait_for_termination(timeout=2.0) and os.getppid() == parent:
        pass


def main(plugin: Plugin, servicer: type[PluginServicer] = PluginServicer) -> None:
    """Serves until the engine has gone."""
    with suppress(KeyboardInterrupt):
        serve(plugin, servicer)
    # The engine waits for the end of this process, and nothing is left to tidy up.
    os._exit(0)
