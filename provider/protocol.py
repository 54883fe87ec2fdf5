"""Pulumi's protocol without Pulumi's SDK: a plugin speaks it, and the SDK takes half of its start.

`pulumi.runtime.proto` is a package of generated messages, but importing it runs the SDK's own
`__init__` first.
"""

import sys
from importlib.machinery import PathFinder
from types import ModuleType


def without_sdk() -> None:
    """From here on `pulumi.runtime.proto` is all there is of `pulumi` in this process.

    Does nothing where the SDK is loaded already.
    """
    if "pulumi" in sys.modules:
        return
    path = None
    for name in ("pulumi", "pulumi.runtime"):
        spec = PathFinder.find_spec(name, path)
        if spec is None or spec.submodule_search_locations is None:
            return
        bare = ModuleType(name)
        bare.__path__ = path = list(spec.submodule_search_locations)
        bare.__spec__ = spec
        sys.modules[name] = bare
