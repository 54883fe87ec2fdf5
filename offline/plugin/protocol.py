"""Pulumi's protocol without Pulumi's SDK: a plugin speaks it, and the SDK takes half of its start.

`pulumi.runtime.proto` is a package of generated messages, but importing it runs the SDK's own
`__init__` first.
"""

import sys
from importlib import import_module
from importlib.machinery import PathFinder
from types import ModuleType

_PACKAGES = ("pulumi", "pulumi.runtime")
_PROTOCOL = "pulumi.runtime.proto"


def without_sdk() -> None:
    """From here on `pulumi.runtime.proto` is all there is of `pulumi` in this process.

    Does nothing where the SDK is loaded already.
    """
    if "pulumi" in sys.modules:
        return
    path = None
    for name in _PACKAGES:
        spec = PathFinder.find_spec(name, path)
        if spec is None or spec.submodule_search_locations is None:
            return
        bare = ModuleType(name)
        bare.__path__ = path = list(spec.submodule_search_locations)
        bare.__spec__ = spec
        sys.modules[name] = bare


def with_sdk() -> None:
    """Loads the SDK after all; the messages that are loaded stay what they are."""
    for name in _PACKAGES:
        if name in sys.modules and not hasattr(sys.modules[name], "__file__"):
            del sys.modules[name]
    runtime = import_module("pulumi.runtime")
    if _PROTOCOL in sys.modules:
        runtime.proto = sys.modules[_PROTOCOL]  # type: ignore[attr-defined]
