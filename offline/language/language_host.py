"""The Python language host, for machines where Pulumi's own can't be downloaded.

The engine starts it with its own address as the last argument and reads the port that it prints.
It starts two of them, of which one runs the program: the other one never loads the SDK.
"""

import os
import runpy
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
protocol = runpy.run_path(str(HERE.parent / "plugin" / "protocol.py"))
# First of all: what follows imports the protocol.
protocol["without_sdk"]()

import grpc  # noqa: E402
from google.protobuf import empty_pb2  # noqa: E402
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2  # noqa: E402

NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs the program of one Pulumi project in this process and answers the engine's questions."""

    def __init__(self, engine_address: str) -> None:
        self.engine_address = engine_address

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802 -- names of Pulumi's protocol
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version="0.0.0-offline")

    def About(self, request: Any, context: Any) -> Any:  # noqa: N802
        version = ".".join(map(str, sys.version_info[:3]))
        return language_pb2.AboutResponse(executable=sys.executable, version=version)

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.GetRequiredPackagesResponse()

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.RuntimeOptionsResponse()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:  # noqa: N802
        from importlib.metadata import distributions

        found = {each.metadata["Name"]: each.version for each in distributions()}
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=name, version=version)
                for name, version in sorted(found.items())
            ]
        )

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802
        protocol["with_sdk"]()
        program = runpy.run_path(str(HERE / "language_program.py"))
        return program["run"](request, context, self.engine_address)


def serve(engine_address: str) -> None:
    """Serves on a free port of 127.0.0.1, prints the port, ends at SIGTERM or SIGINT."""
    parent = os.getppid()
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=NO_LIMIT)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(engine_address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    # An engine that was killed says nothing.
    while os.getppid() == parent and not ended.wait(2):
        pass
    server.stop(grace=0).wait()
    # After a failed program a thread of the SDK may never end, and the engine would wait for it.
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[-1])
