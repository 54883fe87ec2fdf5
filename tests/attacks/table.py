"""Every parser of something that comes from outside."""

from __future__ import annotations

from tests.attacks import (
    parsers_cloud,
    parsers_git,
    parsers_github,
    parsers_lines,
    parsers_records,
    parsers_registry,
    parsers_release,
    parsers_settings,
)
from tests.attacks.parser import Parser

PARSERS: tuple[Parser, ...] = (
    *parsers_release.PARSERS,
    *parsers_git.PARSERS,
    *parsers_settings.PARSERS,
    *parsers_records.PARSERS,
    *parsers_registry.PARSERS,
    *parsers_lines.PARSERS,
    *parsers_cloud.PARSERS,
    *parsers_github.PARSERS,
)
