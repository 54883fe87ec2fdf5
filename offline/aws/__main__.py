"""The plugin process: prints its port and serves the engine until the engine is gone."""

# First of all: the other modules import the protocol.
from offline.plugin.protocol import without_sdk

without_sdk()

from offline.plugin.process import main  # noqa: E402

from .catalogue import PLUGIN  # noqa: E402

if __name__ == "__main__":
    main(PLUGIN)
