"""The orders of the shop: a list in memory, and what may be ordered."""

import threading

PRICES = {"The Sea-Wolf": 9, "Typhoon": 7, "Sailing Alone Around the World": 11}


class OrderError(Exception):
    """What is wrong with an order, for the one who made it."""


class Orders:
    """Takes orders and lists them; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._placed: list[dict[str, object]] = []

    def place(self, wish: object) -> dict[str, object]:
        """An order with its number and price; raises OrderError."""
        title = wish.get("title") if isinstance(wish, dict) else None
        count = wish.get("count", 1) if isinstance(wish, dict) else None
        if title not in PRICES:
            raise OrderError(f"title {title!r} is not sold; sold are {', '.join(PRICES)}")
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 99:
            raise OrderError(f"count {count!r} is not allowed; order 1 to 99")
        with self._lock:
            number = len(self._placed) + 1
            order = {"number": number, "title": title, "count": count}
            self._placed.append({**order, "price": PRICES[title] * count})
            return self._placed[-1]

    def placed(self) -> list[dict[str, object]]:
        """All orders, oldest first."""
        with self._lock:
            return list(self._placed)
