"""What a repository keeps: releases, what runs and what can be gone back to are never expired."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.documents.lifecycle import (
    MOST_CHARACTERS,
    MOST_RULES,
    Retention,
    in_words,
    lifecycle_policy,
)
from localcloud.registry.lifecycle import Seen, expired, problem
from release.names import is_build_name, is_movable
from release.record import Record
from release.retention import is_kept, names_of, release_patterns, strangers, ways_back
from release.templates import template_of
from tests.fakes.records import record
from tests.golden import assert_golden

NOW = datetime(2026, 11, 21, tzinfo=UTC)
HERE = "127.0.0.1:4510/dev/shop"
VALUES = {"image": "shop", "stack": "dev"}
FULL = Retention(
    patterns=("latest*", "v*.*"),
    names={"src-" + "ab" * 20: "runs in dev", "src-" + "cd" * 20: "dev can go back to it"},
    days=90,
)


def key(number: int) -> str:
    return f"{number:040x}"


def deployed(hours: float, number: int, **values: Any) -> Record:
    entry = {
        "repository": HERE,
        "digest": f"sha256:{number:064x}",
        "tag": values.pop("tag", f"{number:040x}"),
        "key": key(number),
    }
    return record(hours, stack="dev", images={"shop": entry}, **values)


@pytest.mark.parametrize(
    ("name", "retention"),
    [
        ("lifecycle_policy.json", FULL),
        ("lifecycle_policy_held.json", Retention(**{**vars(FULL), "held": "of a neighbour"})),
    ],
)
def test_the_policy_is_the_golden_one(name: str, retention: Retention) -> None:
    text = json.dumps(json.loads(lifecycle_policy(retention)), indent=1, sort_keys=True)
    assert_golden(name, text + "\n")
    assert problem(lifecycle_policy(retention)) is None


def test_the_policy_is_told_in_words() -> None:
    assert in_words(FULL) == [
        "keep latest*: a name that stays",
        "keep v*.*: a name that stays",
        "keep src-abababababab…: runs in dev",
        "keep src-cdcdcdcdcdcd…: dev can go back to it",
        "remove other builds 90 days after their push",
        "remove what has no name 14 days after its push",
    ]
    held = in_words(Retention(**{**vars(FULL), "held": "staging builds here too"}))
    assert held[0] == "keep all that has a name: staging builds here too"
    assert in_words(Retention(**{**vars(FULL), "days": 0})) == held[1:]


def test_what_does_not_fit_into_a_policy_keeps_everything_that_has_a_name() -> None:
    names = {f"src-{key(n)}": "dev can go back to it" for n in range(MOST_RULES)}
    crowded = Retention(patterns=("latest*",), names=names, days=90)
    images = [Seen(name, (name,), NOW - timedelta(days=900)) for name in [*names, "src-other"]]
    assert expired(lifecycle_policy(crowded), images, NOW) == {}
    assert "50 names must stay, and ECR takes fewer rules" in in_words(crowded)[0]


@pytest.mark.parametrize(
    ("templates", "patterns"),
    [
        (("{sha}",), ("latest*",)),
        (("v{version}", "sha-{sha}"), ("latest*", "v*.*")),
        (("{version}", "{version}-{short_sha}", "latest"), ("*.*", "latest*")),
        (("{image}-{version}-{stack}",), ("latest*", "shop-*.*-dev")),
        (("{version}_{version}_{version}",), ("*.*_*.*", "latest*")),
    ],
)
def test_the_patterns_of_a_stack_are_those_of_its_release_names(
    templates: tuple[str, ...], patterns: tuple[str, ...]
) -> None:
    assert release_patterns(templates, VALUES) == patterns


TEMPLATES = st.lists(
    st.sampled_from(
        ("{sha}", "{version}", "v{version}", "{version}-{stack}", "{image}-{version}", "latest",
         "latest-{short_sha}", "{version}-SNAPSHOT-{short_sha}", "{version}_{version}_{version}")
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip
VERSIONS = st.from_regex(r"\Av?[1-9]\.[0-9]\.[0-9](-rc\.[1-9])?\Z|\A2026\.(0[1-9]|1[0-2])\Z")


@given(templates=TEMPLATES, version=VERSIONS)
@example(templates=["{version}_{version}_{version}"], version="v1.2.3")
def test_every_release_name_and_every_movable_one_is_kept(
    templates: list[str], version: str
) -> None:
    values = {**VALUES, "version": version, "sha": "a" * 40, "short_sha": "a" * 7}
    patterns = release_patterns(templates, VALUES)
    for template in templates:
        if is_movable(template) or not is_build_name(template):
            assert is_kept(template_of(template).filled(values), patterns)
    assert not is_kept("src-" + "a" * 40, patterns)
    assert not is_kept("a" * 40, patterns)


Update = tuple[int, str]
UPDATES = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(("succeeded", "failed", "open"))), max_size=25
)


@given(updates=UPDATES, planned=st.integers(0, 12), count=st.integers(1, 6))
def test_what_runs_what_is_released_and_what_can_be_gone_back_to_is_never_expired(
    updates: list[Update], planned: int, count: int
) -> None:
    """A thousand days later, with every build still in the registry."""
    records = [
        deployed(len(updates) - place, number, outcome=outcome)
        for place, (number, outcome) in enumerate(updates)
    ][::-1]
    patterns = release_patterns(("{sha}",), VALUES)
    back = ways_back({"shop": key(planned)}, records, count)
    names = names_of("shop", back, lambda place: place == HERE, patterns)
    names[f"src-{key(planned)}"] = "runs in dev"
    policy = lifecycle_policy(Retention(patterns=patterns, names=names, days=90))
    images = [
        Seen(key(n), (f"src-{key(n)}", *(("latest",) if n == 3 else ())), NOW) for n in range(13)
    ]
    gone = expired(policy, images, NOW + timedelta(days=1000))

    good = [each for each in records if each.outcome == "succeeded"]
    contents = list(dict.fromkeys(each.images["shop"].key for each in good))
    others = [each for each in contents if each != key(planned)]
    must_stay = {key(planned), key(3), *others[:count]}
    newer = records[: records.index(good[0])] if good else records
    must_stay |= {str(each.images["shop"].key) for each in newer}
    assert not must_stay & gone.keys()
    assert problem(policy) is None
    assert len(policy) <= MOST_CHARACTERS


@given(updates=UPDATES, planned=st.integers(0, 12), count=st.integers(1, 6))
def test_an_update_changes_nothing_of_what_it_has_itself_decided_to_keep(
    updates: list[Update], planned: int, count: int
) -> None:
    """Otherwise `up` twice would show a diff the second time."""
    before = [deployed(90 - place, number, outcome=o) for place, (number, o) in enumerate(updates)]
    wanted = {"shop": key(planned)}
    for outcome in ("succeeded", "failed"):
        after = [*before, deployed(0, planned, outcome=outcome)]
        assert ways_back(wanted, after[::-1], count) == ways_back(wanted, before[::-1], count)


def test_an_image_of_another_repository_or_with_a_release_name_needs_no_name_of_its_own() -> None:
    release, foreign = deployed(3, 1, tag="v1.2.0"), deployed(2, 2)
    patterns = release_patterns(("v{version}",), VALUES)
    assert names_of("shop", [release], lambda _: True, patterns) == {}
    assert names_of("shop", [foreign], lambda _: False, patterns) == {}
    assert names_of("other", [foreign], lambda _: True, patterns) == {}
    assert names_of("shop", [foreign], lambda _: True, patterns) == {
        f"src-{key(2)}": "dev can go back to it"
    }


def test_another_stack_is_seen_by_what_it_runs_from_this_repository() -> None:
    theirs = deployed(1, 7)

    def found(tag_patterns: tuple[str, ...], place: str) -> list[str]:
        return list(
            strangers(["shop"], theirs, lambda _, host: host == place, lambda _: tag_patterns)
        )

    assert found(("v*.*",), HERE) == ["shop"]
    assert found((key(7),), HERE) == []
    assert found(("v*.*",), "elsewhere/shop") == []
