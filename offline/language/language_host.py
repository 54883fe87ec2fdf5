"""The Python language host, for machines where Pulumi's own can't be downloaded.

The engine starts it with its own address as the last argument and reads the port that it prints.
"""

import os
import runpy
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi import RunError
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def run_program(entry_point: Path) -> None:
    """Runs a Pulumi program, a file or a folder with `__main__.py`, as `__main__`.

    Raises RunError with the program's own words when it ends by `sys.exit("words")`.
    """
    folder = entry_point if entry_point.is_dir() else entry_point.parent
    sys.path.insert(0, str(folder))
    try:
        runpy.run_path(str(entry_point), run_name="__main__")
    except SystemExit as stop:
        if stop.code not in (None, 0):
            raise RunError(f"the program stopped: {stop.code}") from None


class LanguageHost(LanguageServer):
    """Runs the program of one Pulumi project in this process and answers the engine's questions."""

    def __init__(self, engine_address: str) -> None:
        super().__init__(lambda: None)
        self.engine_address = engine_address

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802 -- names of Pulumi's protocol
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version="0.0.0-offline")

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.RuntimeOptionsResponse()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:  # noqa: N802
        found = {each.metadata["Name"]: each.version for each in distributions()}
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=name, version=version)
                for name, version in sorted(found.items())
            ]
        )

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802
        entry_point = Path(request.info.program_directory, request.info.entry_point)
        os.chdir(request.pwd or request.info.program_directory)
        self.program = lambda: run_program(entry_point)
        del request.args[:]
        request.args.append(self.engine_address)
        response = super().Run(request, context)  # type: ignore[no-untyped-call]
        if response.error:
            # The message is on the screen already: bail says so, error would print it twice.
            response = language_pb2.RunResponse(bail=True)
        return response


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
