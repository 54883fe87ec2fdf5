"""python -m localcloud.kubernetes up | down | status | kubectl WORDS"""

import argparse
import os
import sys
import time
from pathlib import Path

from localcloud.kubernetes.node import Node
from localcloud.kubernetes.place import NodePlace, default_parts
from localcloud.place import REGISTRY_PORT, Place
from localcloud.problem import CloudError


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="python -m localcloud.kubernetes", description=__doc__)
    root.add_argument("command", choices=["up", "down", "status"])
    root.add_argument("--state", type=Path, help="state folder; default $SLIPWAY_STATE or .slipway")
    root.add_argument("--parts", type=Path, help="what set-up has made; default: the newest")
    root.add_argument("--registry-port", type=int, help="default $SLIPWAY_REGISTRY_PORT or 4510")
    return root


def run(options: argparse.Namespace) -> None:
    """Does what the command line says; raises CloudError."""
    place = NodePlace(place=Place.of(options.state), parts=options.parts or default_parts())
    node, started = Node(place), time.monotonic()
    if options.command == "down":
        print("\n".join(f"{name}: stopped" for name in node.down()) or "nothing was running")
    elif options.command == "status":
        print("\n".join(f"{name}: {line}" for name, line in node.status().items()))
    else:
        named = os.environ.get("SLIPWAY_REGISTRY_PORT") or str(REGISTRY_PORT)
        address = node.up(options.registry_port or int(named))
        print(f"Kubernetes {address}, {place.kubeconfig} ({time.monotonic() - started:.1f} s)")


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
