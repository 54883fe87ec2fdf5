"""Names that people type, and the form of an image that services take."""

from __future__ import annotations

import hashlib
import re


def physical_name(*parts: str, longest: int) -> str:
    """The parts joined by `-`, of letters, digits and `-` alone.

    What is longer than AWS takes, or had other characters, is cut and ends in a hash of the whole,
    so that what was cut still tells two names apart.
    """
    whole = "-".join(parts)
    plain = re.sub(r"[^A-Za-z0-9-]", "-", whole)
    if plain == whole and len(whole) <= longest:
        return whole
    return f"{plain[: longest - 8].rstrip('-')}-{hashlib.sha256(whole.encode()).hexdigest()[:7]}"


def by_digest(ref: str) -> str:
    """`repository@digest` of `repository:tag@digest`: another tag alone is no change."""
    name, _, digest = ref.partition("@")
    path, slash, last = name.rpartition("/")
    return f"{path}{slash}{last.partition(':')[0]}@{digest}"
