"""python -m localcloud up | down | status | serve"""

import argparse
import os
import sys
from pathlib import Path

from localcloud import lifecycle, strictness
from localcloud.place import CLOUD_PORT, REGISTRY_PORT, Place, default_images
from localcloud.problem import CloudError


def port_from(variable: str, default: int) -> int:
    """The port that an environment variable names; raises CloudError if it is none."""
    text = os.environ.get(variable) or str(default)
    if not text.isdigit() or int(text) > 65535:
        raise CloudError(f"{variable} is {text!r}; allowed are 0 (any free port) to 65535")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="python -m localcloud", description=__doc__)
    root.add_argument("command", choices=["up", "down", "status", "serve"])
    root.add_argument("--state", type=Path, help="state folder; default $SLIPWAY_STATE or .slipway")
    root.add_argument("--images", type=Path, default=default_images(), help="folder of the tars")
    root.add_argument("--region", default="eu-west-1", help="where base/debian is made at once")
    root.add_argument("--port", type=int, help="API; default $SLIPWAY_CLOUD_PORT or 4566; 0: free")
    root.add_argument("--registry-port", type=int, help="default $SLIPWAY_REGISTRY_PORT or 4510")
    return root


def run(options: argparse.Namespace) -> None:
    """Does what the command line says; raises CloudError."""
    place = Place.of(options.state)
    if options.command == "down":
        print("\n".join(lifecycle.down(place) or ["nothing was running"]))
        return
    if options.command == "status":
        print("\n".join(f"{part}: {line}" for part, line in lifecycle.status(place).items()))
        return
    port = options.port
    port = port_from("SLIPWAY_CLOUD_PORT", CLOUD_PORT) if port is None else port
    registry = options.registry_port
    registry = port_from("SLIPWAY_REGISTRY_PORT", REGISTRY_PORT) if registry is None else registry
    if options.command == "serve":
        strictness.demand()
        from localcloud.server import serve

        serve(place, options.images, options.region, port, registry)
        return
    ends = lifecycle.up(place, options.images, options.region, port, registry)
    print(f"AWS API http://127.0.0.1:{ends['port']}, registry 127.0.0.1:{ends['registry_port']}")


def main() -> int:
    """Exit code 0, or 1 with one message on stderr."""
    try:
        run(parser().parse_args())
    except CloudError as problem:
        print(f"localcloud: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
