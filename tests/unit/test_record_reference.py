"""The reference of records is made from their models and committed."""

from __future__ import annotations

from pathlib import Path

from release.attribute_docs import attribute_docs
from release.record_reference import SECTIONS, reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "records.md"


def test_the_committed_reference_is_fresh() -> None:
    assert PAGE.read_text() == reference(), "run `make docs`"


def test_every_key_of_every_document_is_explained() -> None:
    for title, model in SECTIONS.items():
        for name in model.model_fields:
            assert attribute_docs(model).get(name), f"{title}: {name} has no docstring"
