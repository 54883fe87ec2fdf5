"""The docstrings below the fields of a pydantic model, for the pages that are made of them.

Pydantic can read them itself (`use_attribute_docstrings`), but does so whenever a model is loaded,
from its source: for a page that is made now and then, every run would pay.
"""

from __future__ import annotations

import ast
import inspect
import textwrap

from pydantic import BaseModel


def attribute_docs(model: type[BaseModel]) -> dict[str, str]:
    """The docstring of each field that has one, those of its base classes too."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and each is not BaseModel:
            found |= _of_class(each)
    return {name: text for name, text in found.items() if name in model.model_fields}


def _of_class(model: type[BaseModel]) -> dict[str, str]:
    (made,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(made, ast.ClassDef)  # noqa: S101 -- the source of a class
    return {
        field.target.id: inspect.cleandoc(doc.value.value)
        for field, doc in zip(made.body, made.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(doc, ast.Expr)
        and isinstance(doc.value, ast.Constant)
        and isinstance(doc.value.value, str)
    }
