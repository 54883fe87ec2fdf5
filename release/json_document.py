"""JSON that somebody else wrote: read without being trusted."""

from __future__ import annotations

import json
from typing import Any


def json_of(data: str | bytes) -> Any:
    """What a JSON text holds, to be checked by whoever reads it.

    Raises ValueError, to be put behind the name of the text, for what is not JSON: also for
    numbers of thousands of digits, for half a character of UTF-16, and for what is nested too
    deeply. NaN and Infinity are numbers here, as for Python.
    """
    try:
        found = json.loads(data)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({type(error).__name__})") from None
    return found
