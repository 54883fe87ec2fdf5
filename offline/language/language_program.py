"""Runs a Pulumi program in this process, with the SDK that only this needs."""

import os
import runpy
import sys
from pathlib import Path
from typing import Any

from pulumi import RunError
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2


def run(request: Any, context: Any, engine_address: str) -> Any:
    """Answers the engine's request to run a program, once the program has ended."""
    entry_point = Path(request.info.program_directory, request.info.entry_point)
    os.chdir(request.pwd or request.info.program_directory)
    del request.args[:]
    request.args.append(engine_address)
    server = LanguageServer(lambda: run_program(entry_point))
    response = server.Run(request, context)  # type: ignore[no-untyped-call]
    if response.error:
        # The message is on the screen already: bail says so, error would print it twice.
        response = language_pb2.RunResponse(bail=True)
    return response


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
