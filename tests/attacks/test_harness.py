"""What holds parsers to their word notices each way of breaking it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.attacks.parser import Fuzz, Parser, attempt
from tests.attacks.table import PARSERS


def parser(parse: Callable[[Any], Any], **more: Any) -> Parser:
    return Parser(name="x", source="y", inputs=st.integers(), parse=parse, **more)


BROKEN = (AssertionError, LookupError, RecursionError, ValueError, re.error)


def raises(error: Exception) -> Callable[[Any], Any]:
    def parse(_: Any) -> Any:
        raise error

    return parse


@pytest.mark.parametrize(
    "parse",
    [
        json.loads,
        int,
        lambda text: {}[text],
        lambda text: text.encode("ascii"),
        lambda text: re.compile(text * 0 + "("),
        raises(ValueError("\x1b[2J")),
        raises(ValueError("")),
        raises(ValueError("\ud800")),
        raises(ValueError("a" * 100_000)),
        raises(RecursionError("too deep")),
    ],
)
def test_an_error_that_is_not_ours_or_not_clean_is_noticed(parse: Callable[[Any], Any]) -> None:
    with pytest.raises(BROKEN, match=r"."):
        attempt(parser(parse), "é [")


def test_a_refusal_of_ours_is_one() -> None:
    assert attempt(parser(raises(ValueError("7 is not a version; allowed: v1"))), 7) is False


def test_a_value_of_another_shape_is_noticed() -> None:
    def check(value: int) -> None:
        assert value >= 0

    with pytest.raises(AssertionError):
        Fuzz(50).run(parser(lambda number: number, check=check))


def test_every_parser_has_a_name_of_its_own_and_a_source() -> None:
    names = [each.name for each in PARSERS]
    assert len(set(names)) == len(names)
    assert len(names) >= 60
    assert all(each.source for each in PARSERS)
