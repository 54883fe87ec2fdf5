"""Names that people type, and the form of an image that services take."""

from __future__ import annotations

import hashlib
import re

_PLAIN = re.compile(r"[A-Za-z0-9-]*")
# In a later part this would read as a separator, or as the end of a hash.
_AMBIGUOUS = re.compile(r"--|^[0-9-]|-$")


def physical_name(*parts: str, longest: int) -> str:
    """The parts joined by `-`, of letters, digits and `-` alone; by `--` after a first part that
    has a `-` itself, so that `a-b` and `c` are another name than `a` and `b-c`.

    Two different lists of as many parts never share a name, if what follows the second part is one
    word. What is longer than AWS takes, or has other characters, is cut and ends in `--` and ten
    digits of its hash, the first one a decimal: no name that is written out ends so.
    """
    first, *rest = parts
    separator = "--" if "-" in first else "-"
    whole = separator.join([first, "-".join(rest)]) if rest else first
    written_out = _PLAIN.fullmatch(whole) and not any(_AMBIGUOUS.search(each) for each in rest)
    if written_out and len(whole) <= longest:
        return whole
    # Parts never hold a NUL, so that this is another text for every list of parts.
    digits = int(hashlib.sha256("\0".join(parts).encode()).hexdigest(), 16)
    mark = f"{digits % 10}{digits // 10 % 16**9:09x}"
    plain = re.sub(r"[^A-Za-z0-9-]", "-", whole)
    return f"{plain[: longest - 12].rstrip('-')}--{mark}"


def by_digest(ref: str) -> str:
    """`repository@digest` of `repository:tag@digest`: another tag alone is no change."""
    name, _, digest = ref.partition("@")
    path, slash, last = name.rpartition("/")
    return f"{path}{slash}{last.partition(':')[0]}@{digest}"
