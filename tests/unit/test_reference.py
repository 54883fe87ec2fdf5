"""The reference of the stack file is made from the settings and committed."""

from __future__ import annotations

from pathlib import Path

from infra.reference import SECTIONS, reference
from release.attribute_docs import attribute_docs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "stack-file.md"


def test_the_committed_reference_is_fresh() -> None:
    assert PAGE.read_text() == reference(), "run `make docs`"


def test_every_key_of_every_section_is_explained() -> None:
    for title, model in SECTIONS.items():
        for name in model.model_fields:
            if title != "slipway":
                assert attribute_docs(model).get(name), f"{title}.{name} has no docstring"
