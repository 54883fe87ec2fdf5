"""Every parser of something that comes from outside."""

from __future__ import annotations

from tests.attacks import parsers_release
from tests.attacks.parser import Parser

PARSERS: tuple[Parser, ...] = (*parsers_release.PARSERS,)
