"""Of Pulumi's SDK for AWS, the files that a program names.

The SDK loads a service at its first use, but with all its resources: a bucket loads 60 files
and a log group 40, half a second of processor time for a stack of functions. Here a name loads the
file that it is defined in. A name that is not where it should be loads its service as ever.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_SDK = "pulumi_aws"
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def load_parts() -> None:
    """From here on resources are loaded by the name; for before the SDK is imported."""
    if not any(isinstance(each, _Packages) for each in sys.meta_path):
        sys.meta_path.insert(0, _Packages())


class _Packages(MetaPathFinder):
    """Finds the packages below the SDK."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """The same as ever, with another loader; None for everything else."""
        sdk, _, package = fullname.partition(".")
        if sdk != _SDK or not package:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.loader and spec.submodule_search_locations:
            spec.loader = _ByName(spec.loader)
        return spec


class _ByName(Loader):
    """Makes a package that is empty until somebody asks for a name of it."""

    def __init__(self, whole: Loader) -> None:
        self._whole = whole

    def exec_module(self, module: ModuleType) -> None:
        """Loads nothing yet."""

        def found(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            for file in filter(find_spec, (f"{module.__name__}.{each}" for each in _files(name))):
                loaded = import_module(file)
                # The SDK's files ask for each other by their own names.
                itself = loaded if file.endswith(f".{name}") else None
                if there := getattr(loaded, name, itself):
                    setattr(module, name, there)
                    return there
            del vars(module)["__getattr__"]
            self._whole.exec_module(module)
            return getattr(module, name)

        vars(module)["__getattr__"] = found


def _files(name: str) -> Iterator[str]:
    """Where a name may be defined: FunctionUrl in function_url, outputs in outputs."""
    yield _WORD.sub("_", name).lower()
    if name.endswith("Args"):
        yield _WORD.sub("_", name.removesuffix("Args")).lower()
        yield "_inputs"
