"""A parser of something that comes from outside, and what is held against it.

Whatever it gets, it gives a value of its documented shape, or refuses by the project's own error
with one clean message: never another exception, never a hang, never memory without a bound.
"""

from __future__ import annotations

import linecache
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from clients import ClientError
from clients.git_lfs import LfsError
from release.record_text import CONTROL

PROJECT = Path(__file__).resolve().parents[2]
_SECONDS = 20.0  # of this process's own work, which a busy machine does not lengthen
_LONGEST = 20_000  # characters of a message
_CONTROL = re.compile(f"[{CONTROL}]")


def nothing_more(value: Any) -> None:
    """For a parser whose value has no further shape than its type."""
    del value


@dataclass(frozen=True, kw_only=True)
class Parser:
    """One of them."""

    name: str
    """What comes in, in a person's words."""
    source: str
    """From whom it comes."""
    inputs: st.SearchStrategy[Any]
    parse: Callable[[Any], Any]
    check: Callable[[Any], None] = nothing_more
    """Raises AssertionError for a value that is not of the documented shape."""
    known: tuple[Any, ...] = ()
    """What has broken it once."""
    share: float = 1.0
    """Of the executions that are asked for, where each costs a process."""


@dataclass
class Ran:
    """What came of the executions of one parser."""

    executions: int = 0
    refused: int = 0
    slowest: float = 0.0
    """Seconds."""
    failure: str = ""
    """The input that broke it, and how."""


@dataclass(frozen=True)
class Fuzz:
    """Executes parsers."""

    examples: int
    derandomize: bool = True
    seen: dict[str, Ran] = field(default_factory=dict)

    def run(self, parser: Parser) -> Ran:
        """Raises what broke it, with the smallest input that does."""
        ran = self.seen[parser.name] = Ran()
        most = max(1, int(self.examples * parser.share))

        @settings(
            max_examples=most,
            derandomize=self.derandomize,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(parser.inputs)
        def execute(value: Any) -> None:
            ran.executions += 1
            began = time.process_time()
            ran.refused += not attempt(parser, value)
            ran.slowest = max(ran.slowest, time.process_time() - began)

        for value in parser.known:
            execute.hypothesis.inner_test(value)  # type: ignore[attr-defined]
        execute()
        return ran


def attempt(parser: Parser, value: Any) -> bool:
    """Whether the parser took the value; its refusal has to be one of ours."""
    try:
        with _bounded():
            made = parser.parse(value)
    except (ClientError, LfsError, typer.BadParameter) as error:
        check_message(str(error))
        return False
    except ValueError as error:
        if not _is_ours(error):
            raise
        check_message(str(error))
        return False
    parser.check(made)
    return True


def _is_ours(error: ValueError) -> bool:
    """Whether somebody wrote `raise ValueError` for it: what int(), json, a codec or pydantic say
    is no message for a person."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None or type(error) is not ValueError:
        return False
    file = Path(last.tb_frame.f_code.co_filename)
    line = linecache.getline(str(file), last.tb_lineno)
    return file.is_relative_to(PROJECT) and ".venv" not in file.parts and "raise" in line


def check_message(text: str) -> None:
    """One message that a terminal shows as it is."""
    assert text.strip(), "an error without a word"
    assert len(text) <= _LONGEST, f"a message of {len(text)} characters"
    check_shown(text)


def check_shown(text: str) -> None:
    """Lines that move no cursor, turn no direction, and can be written as UTF-8."""
    for line in text.split("\n"):
        assert not _CONTROL.search(line), f"control characters in {line!r}"
    text.encode()  # a lone surrogate can't be


class TooLongError(AssertionError):
    """The parser did not end."""


@contextmanager
def _bounded() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooLongError(f"not done after {_SECONDS:g} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
