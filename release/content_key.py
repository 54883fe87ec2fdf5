"""The content key: one name for everything that decides what an image is.

Two trees with equal declared inputs have equal keys, wherever and whenever they were checked out:
git's own object ids know content and the executable bit, and nothing of owners, times or umask.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from release.catalogue import ImageSource

# Counted up when the same inputs are to give another image, for instance after a change of the
# normalised context.
RECIPE = 1


def content_key(
    source: ImageSource,
    ids: Mapping[str, str],
    *,
    args: Mapping[str, str],
    platforms: Iterable[str],
    attest: bool,
    sbom: str | None = None,
) -> str:
    """The key as 40 hex digits.

    `ids` gives the git object id of each path in `source.paths`; `args` are the build arguments
    in force (the stack's and the image's). `attest` and `sbom` (the scanner) are the output form: a
    single manifest, or an index with attestations. Of two builds with one key the manifests of the
    platforms are equal; an attestation holds the time of its build.
    Raises `KeyError` for a path that has no id.
    """
    document: dict[str, Any] = {
        "recipe": RECIPE,
        "context": [source.context, ids[source.context]],
        "dockerfile": [source.dockerfile, ids[source.dockerfile]],
        "inputs": [[path, ids[path]] for path in sorted(source.inputs)],
        "args": sorted(args.items()),
        "platforms": sorted(platforms),
        "attest": attest,
        **({"sbom": sbom} if sbom else {}),
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def ingredients(
    source: ImageSource,
    ids: Mapping[str, str],
    *,
    args: Mapping[str, str],
    platforms: Iterable[str],
    attest: bool,
    sbom: str | None = None,
) -> dict[str, str]:
    """What a key is made of, for a person and for a record: label to git object id or value.

    Two images have equal ingredients if and only if they have equal keys. Labels begin with the
    kind of ingredient (`context`, `dockerfile`, `input`, `argument`), then its path or name.
    Raises `KeyError` for a path that has no id.
    """
    return {
        "recipe": str(RECIPE),
        f"context {source.context}": ids[source.context],
        f"dockerfile {source.dockerfile}": ids[source.dockerfile],
        **{f"input {path}": ids[path] for path in sorted(source.inputs)},
        **{f"argument {name}": value for name, value in sorted(args.items())},
        "platforms": ",".join(sorted(platforms)),
        "attest": str(attest).lower(),
        **({"sbom": sbom} if sbom else {}),
    }
