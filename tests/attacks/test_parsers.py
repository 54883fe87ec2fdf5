"""What comes from outside, spoiled in every way: a value of its shape, or one clean refusal."""

from __future__ import annotations

import os

import pytest

from tests.attacks.parser import Fuzz, Parser
from tests.attacks.table import PARSERS

FUZZ = Fuzz(int(os.environ.get("SLIPWAY_FUZZ", "200")))


@pytest.mark.parametrize("parser", PARSERS, ids=lambda each: each.name.replace(" ", "-"))
def test_a_parser_takes_or_refuses_whatever_comes(parser: Parser) -> None:
    ran = FUZZ.run(parser)
    assert ran.executions >= 0.2 * FUZZ.examples * parser.share
