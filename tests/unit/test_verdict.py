"""One verdict for all targets: its words, and which digests are the same image."""

from __future__ import annotations

import json

import pytest

from provider.host_verdict import HostVerdict, judged, overall
from provider.verdict import Verdict, children_of, is_good, same_image

INDEX, CHILD, OTHER = ("sha256:" + letter * 64 for letter in "abc")


@pytest.mark.parametrize(
    ("verdict", "words", "good"),
    [
        (Verdict(outcome="running", digest=INDEX), f"running {INDEX}", True),
        (Verdict(outcome="completed", digest=INDEX), f"completed {INDEX}", True),
        (
            Verdict(outcome="put-back", digest=OTHER, why="unhealthy"),
            f"put back to {OTHER}: unhealthy",
            False,
        ),
        (
            Verdict(outcome="put-back", label="backend:7", why="x"),
            "put back to (backend:7): x",
            False,
        ),
        (Verdict(outcome="kept", digest=OTHER, why="x"), f"still runs {OTHER}: x", False),
        (
            Verdict(outcome="timed-out", seconds=300, why="0 of 1 tasks run"),
            "timed out after 300 s: 0 of 1 tasks run",
            False,
        ),
        (Verdict(outcome="absent"), "absent", False),
        (Verdict(outcome="unknown", why="no answer"), "unknown: no answer", False),
    ],
)
def test_a_verdict_reads_the_same_for_every_target(
    verdict: Verdict, words: str, good: bool
) -> None:
    assert verdict.words == words
    assert verdict.good is good
    assert is_good(verdict.words) is good


def test_an_index_and_its_manifest_are_the_same_image_and_nothing_else_is() -> None:
    body = json.dumps({"manifests": [{"digest": CHILD, "platform": {"os": "linux"}}]}).encode()
    children = children_of(body)
    assert same_image(INDEX, INDEX, ())
    assert same_image(INDEX, CHILD, children)
    assert not same_image(INDEX, OTHER, children)
    assert not same_image(INDEX, None, children)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"config": {}}', b'{"manifests": [{}]}'])
def test_what_is_no_index_has_no_children(body: bytes) -> None:
    assert children_of(body) == frozenset()


def host(instance: str, outcome: str, digest: str | None, detail: str = "") -> HostVerdict:
    return HostVerdict(
        instance=instance, outcome=outcome, digest=digest, version=None, detail=detail
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (host("i-1", "running", INDEX), f"running {INDEX}"),
        (host("i-1", "running", OTHER), f"still runs {OTHER}"),
        (host("i-1", "put-back", OTHER, "unhealthy"), f"put back to {OTHER}: unhealthy"),
        (host("i-1", "failed", None, "no bundle"), "absent: no bundle"),
        (
            host("i-1", "no-answer", None, "gone"),
            "unknown: what it runs is not known: gone",
        ),
    ],
)
def test_a_host_is_judged_in_these_words_too(answer: HostVerdict, words: str) -> None:
    assert judged(answer, INDEX).words == words


def test_hosts_that_were_all_put_back_to_one_digest_are_one_verdict() -> None:
    first = [host("i-1", "running", INDEX), host("i-2", "put-back", OTHER, "unhealthy")]
    now = [host("i-1", "put-back", OTHER), first[1]]
    assert overall(INDEX, first, now).words == f"put back to {OTHER}: i-2: unhealthy"


def test_a_host_that_still_runs_it_or_is_silent_makes_the_whole_unknown() -> None:
    bad = host("i-2", "put-back", OTHER, "unhealthy")
    assert overall(INDEX, [bad], [host("i-1", "running", INDEX)]).outcome == "unknown"
    assert overall(INDEX, [bad], [host("i-1", "put-back", CHILD), bad]).outcome == "unknown"
    assert overall(INDEX, [bad], [host("i-1", "timed-out", None), bad]).outcome == "timed-out"


def test_what_is_scheduled_is_well_where_services_switch_together() -> None:
    assert is_good(f"scheduled {INDEX}")
