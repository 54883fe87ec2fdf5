"""GitHub's expressions, as far as our workflows use them: names, texts, == != && || ! and ( ).

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|==|!=|&&|\|\||!|\(|\)|,|[A-Za-z_][A-Za-z0-9_.-]*)")
_PART = re.compile(r"\$\{\{(.*?)\}\}")


class Expressions:
    """The value of expressions in one context, such as {"github": …, "inputs": …}."""

    def __init__(self, contexts: Mapping[str, Any]) -> None:
        self._contexts = contexts

    def text(self, template: str) -> str:
        """A text with its expressions filled in."""
        return _PART.sub(lambda found: _as_text(self.value(found[1])), template)

    def holds(self, condition: str | None) -> bool:
        """Whether a step's or job's `if` lets it run, after nothing has failed."""
        found = _PART.fullmatch((condition or "${{ !cancelled() }}").strip())
        assert found, f"{condition!r} is no expression"
        return bool(self.value(found[1]))

    def value(self, expression: str) -> Any:
        """Its value. Raises `AssertionError` for what is not understood."""
        tokens = _TOKEN.findall(expression)
        assert "".join(tokens) == re.sub(r"\s+(?=(?:[^']*'[^']*')*[^']*$)", "", expression)
        value = self._either(tokens)
        assert not tokens, f"{expression!r}: {tokens} is left"
        return value

    def _either(self, tokens: list[str]) -> Any:
        value = self._both(tokens)
        while tokens[:1] == ["||"]:
            tokens.pop(0)
            other = self._both(tokens)
            value = value or other
        return value

    def _both(self, tokens: list[str]) -> Any:
        value = self._equal(tokens)
        while tokens[:1] == ["&&"]:
            tokens.pop(0)
            other = self._equal(tokens)
            value = value and other
        return value

    def _equal(self, tokens: list[str]) -> Any:
        value = self._one(tokens)
        if tokens[:1] in (["=="], ["!="]):
            same = tokens.pop(0) == "=="
            other = self._one(tokens)
            return (_as_text(value) == _as_text(other)) is same
        return value

    def _one(self, tokens: list[str]) -> Any:
        token = tokens.pop(0)
        if token == "!":
            return not self._one(tokens)
        if token == "(":
            value = self._either(tokens)
            assert tokens.pop(0) == ")"
            return value
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if tokens[:2] == ["(", ")"]:
            assert token == "cancelled", f"{token}() is not known"
            del tokens[:2]
            return False
        return self._named(token)

    def _named(self, path: str) -> Any:
        """A name that is not there is empty, as on GitHub."""
        value: Any = self._contexts
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
