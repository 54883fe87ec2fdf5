"""Keys depend on content, and on all of it."""

from __future__ import annotations

import string
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.catalogue import ImageSource
from release.content_key import content_key

oids = st.sampled_from(["a" * 40, "b" * 40, "c" * 40])
words = st.text(string.ascii_lowercase + "=/,", min_size=1, max_size=6)
paths = st.sampled_from(["libs", "libs/a", "libs/b", "tools", "z"])


@dataclass(frozen=True, kw_only=True)
class Made:
    """Everything that decides what an image is."""

    inputs: dict[str, str]
    context: str
    dockerfile: str
    args: dict[str, str]
    platforms: tuple[str, ...]
    attest: bool

    def key(self, *, order: int = 1, more: dict[str, str] | None = None) -> str:
        ids = {"a": self.context, "a/Dockerfile": self.dockerfile, **self.inputs, **(more or {})}
        source = ImageSource(
            name="a", folder="a", dockerfile="a/Dockerfile", context="a",
            inputs=tuple(sorted(self.inputs))[::order],
        )  # fmt: skip
        return content_key(
            source,
            dict(list(ids.items())[::order]),
            args=dict(list(self.args.items())[::order]),
            platforms=self.platforms[::order],
            attest=self.attest,
        )


everything = st.builds(
    Made,
    inputs=st.dictionaries(paths, oids, max_size=4),
    context=oids,
    dockerfile=oids,
    args=st.dictionaries(words, words, max_size=4),
    platforms=st.lists(words, max_size=3, unique=True).map(tuple),
    attest=st.booleans(),
)


def as_content(made: Made) -> Made:
    return replace(made, platforms=tuple(sorted(made.platforms)))


@given(everything)
def test_the_order_of_inputs_arguments_and_platforms_does_not_count(made: Made) -> None:
    assert made.key() == made.key(order=-1)


@given(everything, st.dictionaries(st.sampled_from(["b", "libs/c", ".", "a-old"]), oids))
def test_what_is_not_an_input_does_not_count(made: Made, more: dict[str, str]) -> None:
    assert made.key() == made.key(more=more)


@given(everything, everything)
def test_two_keys_are_equal_if_and_only_if_the_content_is(one: Made, other: Made) -> None:
    assert (one.key() == other.key()) == (as_content(one) == as_content(other))


@pytest.mark.fault(33, "any input of an image changes")
@given(everything, everything, st.sampled_from(list(Made.__dataclass_fields__)))
def test_any_one_change_changes_the_key(made: Made, other: Made, field: str) -> None:
    changed = replace(made, **{field: getattr(other, field)})
    assert (made.key() == changed.key()) == (as_content(made) == as_content(changed))


@given(everything.filter(lambda made: made.inputs))
def test_the_same_content_at_another_path_is_another_key(made: Made) -> None:
    (path, oid), *others = made.inputs.items()
    moved = replace(made, inputs={f"{path}-moved": oid, **dict(others)})
    assert made.key() != moved.key()
