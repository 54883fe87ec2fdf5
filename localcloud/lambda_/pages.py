"""Lists in pages."""

from typing import Any

from localcloud.lambda_.call import Call
from localcloud.lambda_.settings import between

MOST = 50


def page(items: list[dict[str, Any]], call: Call, name: str) -> dict[str, Any]:
    """The page that Marker and MaxItems ask for: 50 at most, as AWS gives them."""
    count = between(int(call.query.get("MaxItems") or MOST), "maxItems", 1, 10000)
    start = int(call.query.get("Marker") or 0)
    end = start + min(count, MOST)
    answer: dict[str, Any] = {name: items[start:end]}
    return {**answer, "NextMarker": str(end)} if end < len(items) else answer
