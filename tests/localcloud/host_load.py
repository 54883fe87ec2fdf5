"""A steady load from a process of its own: `python -m tests.localcloud.host_load URL RATE`.

Open loop: a request is due every 1/RATE s, however slow the ones before are. Each has a connection
of its own. It ends when its standard input does, and prints one JSON list for each request: when it
was due (time.time()), seconds until its answer since then, the status or what went wrong, the body.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
import urllib.parse
from queue import SimpleQueue

THREADS = 32


def ask(address: str, path: str) -> tuple[int | str, str]:
    """The status and the body, or what went wrong."""
    connection = http.client.HTTPConnection(address, timeout=20)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode().strip()
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}", ""
    finally:
        connection.close()


def main(url: str, rate: float) -> None:
    """Asks until the end of standard input."""
    parts = urllib.parse.urlsplit(url)
    due: SimpleQueue[float | None] = SimpleQueue()
    seen: list[tuple[float, float, int | str, str]] = []

    def work() -> None:
        while (at := due.get()) is not None:
            status, body = ask(parts.netloc, parts.path or "/")
            seen.append((at, time.time() - at, status, body))

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    ended = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    print("ready", flush=True)
    at = time.time()
    while not ended.is_set():
        due.put(at)
        at += 1 / rate
        time.sleep(max(0.0, at - time.time()))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    for each in sorted(seen):
        print(json.dumps(each))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
