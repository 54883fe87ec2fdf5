"""How a lookup is written in the tables."""

from typing import Any

from offline.plugin.table import InvokeType

from .call import Call


def lookup(path: str, arguments: str, results: str, call: Any) -> InvokeType[Call]:
    """A lookup by its path, such as ecs/getCluster.

    arguments: names with ! where required; region is known to all but the identity. results: names.
    """
    module, _, function = path.partition("/")
    known = {name.rstrip("!"): name.endswith("!") for name in arguments.split()}
    token = f"aws:{module}/{function}:{function}"
    return InvokeType(token, known, frozenset(results.split()), call)
