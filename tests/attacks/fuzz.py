"""Fuzzes every parser: `make fuzz`, or `python -m tests.attacks.fuzz 20000 [part of a name]`.

Prints executions per parser, how many were refused, the slowest, and what broke it, if anything.
"""

from __future__ import annotations

import sys
import time
import traceback

from tests.attacks.parser import Fuzz
from tests.attacks.table import PARSERS

_ROW = "{:<52} {:>10} {:>9} {:>11} {:>8}"


def main(examples: int, part: str = "") -> int:
    """How many parsers broke."""
    fuzz, crashes, began = Fuzz(examples, derandomize=False), 0, time.monotonic()
    print(_ROW.format("parser", "executions", "refused", "slowest ms", "crashes"), flush=True)
    for parser in (each for each in PARSERS if part in each.name):
        broken = ""
        try:
            fuzz.run(parser)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            broken = "".join(traceback.format_exception(error))[-3000:]
        ran, crashed = fuzz.seen[parser.name], int(bool(broken))
        slowest = f"{ran.slowest * 1000:.1f}"
        row = _ROW.format(parser.name, ran.executions, ran.refused, slowest, crashed)
        print(row, flush=True)
        if broken:
            crashes += 1
            print(broken, flush=True)
    total = sum(each.executions for each in fuzz.seen.values())
    seconds = time.monotonic() - began
    print(f"{total:,} executions of {len(fuzz.seen)} parsers in {seconds:.0f} s: {crashes} crashes")
    return crashes


if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(1 if main(int(words[0]) if words else 20_000, *words[1:2]) else 0)
