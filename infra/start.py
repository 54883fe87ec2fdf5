"""The beginning of every run: what takes long to answer is asked first."""

from __future__ import annotations

import gc

from infra.ahead import ask_ahead
from infra.sdk_parts import load_parts


def start() -> None:
    """Runs the program of the selected stack."""
    # This process lives for seconds, and the collector takes a seventh of the SDK's loading time.
    gc.disable()
    ahead = ask_ahead()
    load_parts()
    # Loaded only now, while the engine starts the plugin of AWS and reads the state.
    from infra.program import main

    main(ahead)
