"""Names in AWS: readable, within its limits, and never shared by two services."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.documents.physical_names import physical_name

STACKS = st.from_regex(r"[A-Za-z0-9_.-]{1,40}", fullmatch=True)
SERVICES = st.from_regex(r"[a-z][a-z0-9-]{0,29}", fullmatch=True)
# The shortest is that of load balancers and target groups, the others of functions, and of ECS.
LIMITS = st.sampled_from([32, 64, 255])
# Few letters, so that pairs which only a separator tells apart are the ordinary case.
NEAR = st.from_regex(r"[ab1-]{1,5}", fullmatch=True)
NEAR_SERVICES = st.from_regex(r"[ab][ab1-]{0,4}", fullmatch=True)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("dev", "backend"), "dev-backend"),
        (("dev", "book-shop"), "dev-book-shop"),
        (("dev-eu", "backend"), "dev-eu--backend"),
        (("dev", "backend", "task"), "dev-backend-task"),
        (("slipway", "dev-eu"), "slipway-dev-eu"),
    ],
)
def test_names_are_readable(parts: tuple[str, ...], name: str) -> None:
    assert physical_name(*parts, longest=32) == name


def test_a_dash_in_the_stack_is_told_from_one_in_the_service() -> None:
    assert physical_name("a-b", "c", longest=64) != physical_name("a", "b-c", longest=64)


@pytest.mark.fault(30, "a-b of c and a of b-c")
@given(one=st.tuples(NEAR, NEAR_SERVICES), other=st.tuples(NEAR, NEAR_SERVICES), longest=LIMITS)
@example(one=("a-b", "c"), other=("a", "b-c"), longest=64)
@example(one=("a-b", "c"), other=("a", "b--c"), longest=64)
@example(one=("a", "b"), other=("a-", "b"), longest=64)
def test_two_services_never_share_a_name(
    one: tuple[str, str], other: tuple[str, str], longest: int
) -> None:
    for kind in ((), ("task",)):
        names = {physical_name(*each, *kind, longest=longest) for each in (one, other)}
        assert len(names) == len({one, other})


@given(stack=STACKS, service=SERVICES, other=SERVICES, longest=LIMITS)
def test_names_keep_to_what_aws_takes(stack: str, service: str, other: str, longest: int) -> None:
    name = physical_name(stack, service, longest=longest)
    assert re.fullmatch(r"[A-Za-z0-9-]+[A-Za-z0-9]", name)
    assert len(name) <= longest
    assert (name == physical_name(stack, other, longest=longest)) == (service == other)


@given(stack=STACKS, service=SERVICES)
def test_a_cut_name_is_not_one_that_was_written_out(stack: str, service: str) -> None:
    assert physical_name("s" * 40, service, longest=32) != physical_name(stack, service, longest=32)


def test_the_hash_of_a_cut_name_tells_where_the_stack_ends() -> None:
    long = "s" * 40
    assert physical_name(f"{long}-b", "c", longest=32) != physical_name(long, "b-c", longest=32)


def test_a_name_of_a_stack_alone_needs_no_separator() -> None:
    assert physical_name("dev-eu", longest=200) == "dev-eu"
