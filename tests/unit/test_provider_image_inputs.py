"""Which inputs of Image are refused, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from provider.image_inputs import check
from provider.wire import UNKNOWN
from tests.unit.test_provider_image import inputs


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("repository", "Host/UPPER", "is not a repository"),
        ("repository", "", "repository is missing"),
        ("key", "xyz", "8 to 64 hexadecimal digits"),
        ("tree", "main", "the id of a git tree"),
        ("context", "../up", "is not a path from the top"),
        ("context", "/abs", "is not a path from the top"),
        ("context", "a/", "is not a path from the top"),
        ("extra_inputs", ["a", "b/../c"], "is not a path from the top"),
        ("release_names", ["v1;reboot"], "is not a tag"),
        ("build_names", ["-rf"], "is not a tag"),
        ("platforms", ["amd64"], "is not a platform"),
        ("build_timeout", 0, "whole seconds"),
    ],
)
def test_bad_inputs_are_named_with_what_is_allowed(name: str, value: Any, said: str) -> None:
    wrong = check(inputs(**{name: value}))
    assert list(wrong) == [name]
    assert said in wrong[name]


@pytest.mark.parametrize("good", [{}, {"repository": UNKNOWN}, {"context": "."}])
def test_good_and_unknown_inputs_pass(good: dict[str, Any]) -> None:
    assert check(inputs(**good)) == {}
