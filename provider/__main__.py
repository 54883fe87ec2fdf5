"""The plugin process: `python -m provider ENGINE_ADDRESS`, which prints its own port."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from provider.protocol import without_sdk

# First of all: what follows imports the protocol.
without_sdk()

import grpc.aio  # noqa: E402
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS  # noqa: E402
from pulumi.runtime.proto import provider_pb2_grpc  # noqa: E402

from provider.journal import EngineJournal  # noqa: E402
from provider.resource import Resource  # noqa: E402
from provider.servicer import RolloutServicer  # noqa: E402


def resources(values: Mapping[str, Any], folder: Path) -> Mapping[str, Resource]:
    """The resource types of this plugin by their tokens; loads what they need."""
    from provider.resources import resources_of

    return resources_of(values, folder)


async def serve(engine: str, parent: int) -> None:
    """Serve until the engine (the process `parent`) ends this one, or is gone itself."""
    servicer = RolloutServicer(EngineJournal(engine), Path.cwd(), resources)
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    # Loaded ahead, while the engine starts other plugins.
    Thread(target=import_module, args=("provider.resources",), daemon=True).start()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    while os.getppid() == parent and not ended.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), 1)
    # Also when the engine was killed: a build must not go on without anybody to tell.
    servicer.cancelled.set()
    await server.stop(grace=8)
    await servicer.end()


def main() -> None:
    """Read the engine's address from argv and serve."""
    parent = os.getppid()
    addresses = [word for word in sys.argv[1:] if not word.startswith("-")]
    if len(addresses) != 1:
        sys.exit("this is a Pulumi plugin: `pulumi up` starts it, with the engine's address")
    asyncio.run(serve(addresses[0], parent))
    sys.stdout.flush()
    # The engine waits for the end of this process, and nothing is left to tidy up.
    os._exit(0)


if __name__ == "__main__":
    main()
