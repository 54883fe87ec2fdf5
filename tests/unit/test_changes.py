"""What an update changes: from the engine's plan, from records, in a terminal and in Markdown."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.changes import UNKNOWN, Changes, Row, lines_of, renewed, rows_of
from release.changes_markdown import LONGEST, MARKER, comment
from release.pulumi_plan import changes_of_plan, plan_of

OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64
SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")


def entry(digest: str, deployment: str = "d1", reason: str = "") -> dict[str, Any]:
    return {"digest": digest, "deployment": deployment, "reason": reason}


def plan(**more: Any) -> dict[str, Any]:
    before = {
        "images": {"api": entry(OLD), "web": entry(OLD)},
        "services": {"api": entry(OLD), "shop": entry(OLD), "old": entry(OLD)},
    }
    after = {
        "images": {
            "api": entry(UNKNOWN, UNKNOWN, "services/api/app.py changed"),
            "web": entry(OLD),
            "tool": entry(UNKNOWN, UNKNOWN, "registry/tool has no src-1234…"),
        },
        "services": {"api": entry(UNKNOWN, UNKNOWN, "a digest to be made"), "shop": entry(OLD)},
    }
    urn = "urn:pulumi:dev::slipway::"
    steps = [
        {"op": "same", "urn": f"{urn}pulumi:pulumi:Stack::slipway-dev"},
        {"op": "update", "urn": f"{urn}slipway:index:ImageRepository$aws:ecr/x:Policy::api-x"},
        {"op": "create-replacement", "urn": f"{urn}aws:ec2/instance:Instance::host"},
        {"op": "replace", "urn": f"{urn}aws:ec2/instance:Instance::host"},
        {"op": "update", "urn": f"{urn}rollout:index:Image::api"},
        {
            "op": "update",
            "urn": f"{urn}rollout:index:Record::record",
            "oldState": {"inputs": before},
            "newState": {"inputs": after},
        },
    ]
    return {"steps": steps, **more}


def test_a_plan_tells_what_is_built_what_changes_and_why() -> None:
    found = changes_of_plan("dev", plan(), {"shop": "web"})
    assert found.headline == "2 images to build, 2 services change, 1 untouched"
    rows = {each.name: each for each in found.rows}
    assert rows["api"] == Row(
        name="api", kind="changes", why="services/api/app.py changed", before=OLD, after=None
    )
    assert rows["shop"].kind == "untouched"
    assert rows["old"].kind == "gone"
    assert (rows["tool"].is_image, rows["tool"].kind) == (True, "new")
    assert "web" not in rows, "a service runs it"
    assert found.others == ("update Policy api-x", "replace Instance host")


def test_the_headline_of_the_design() -> None:
    moving = [Row(name=f"s{n}", kind="changes", why="", before=OLD, after=NEW) for n in range(2)]
    still = [Row(name=f"t{n}", kind="untouched", why="", before=OLD, after=OLD) for n in range(5)]
    found = Changes(stack="prod", is_plan=True, rows=(*moving, *still))
    assert found.headline == "0 images to build, 2 services change, 5 untouched"


def test_a_plan_that_changes_nothing_says_so() -> None:
    same = plan()
    same["steps"] = [{**same["steps"][-1], "op": "same"}]
    found = changes_of_plan("dev", same, {"shop": "web"})
    assert found.headline == "0 images to build, 0 services change, 3 untouched"
    assert found.moving == ()


def test_warnings_the_records_word_and_errors_are_told() -> None:
    urn = "urn:pulumi:dev::slipway::rollout:index:Record::record"
    said = [
        {"severity": "warning", "message": "warning: a tag base\n"},
        {"severity": "info", "urn": urn, "message": "held by ann\x1b[31m since …\n"},
        {"severity": "info", "urn": urn.replace("Record::record", "Image::api"), "message": "no"},
        {"severity": "error", "message": "error: the tree\nis dirty"},
    ]
    found = changes_of_plan("dev", plan(diagnostics=said), {})
    assert found.notes == ("a tag base", "held by ann since …")
    assert found.failure == "error: the tree is dirty"
    assert found.headline == "no preview"


def test_the_plan_is_found_among_other_lines() -> None:
    assert plan_of('warning: x {\n{"steps": [], "n": {}}\nbye') == {"steps": [], "n": {}}
    for none in ("", "{}", "error: no", '{"steps": ['):
        with pytest.raises(ValueError, match="no plan"):
            plan_of(none)


def test_records_are_compared_by_digest_and_deployment() -> None:
    before = {"images": {"a": entry(OLD)}, "services": {"a": entry(OLD), "b": entry(OLD)}}
    after = {
        "images": {"a": entry(NEW, "d2", "app.py changed")},
        "services": {"a": entry(NEW, "d2", "because"), "b": entry(OLD, "d2", "asked for again")},
    }
    rows = rows_of(before, after, {})
    assert [(each.kind, each.why) for each in rows] == [
        ("changes", "app.py changed"),
        ("changes", "asked for again"),
    ]
    assert renewed(before["images"], after["images"]) == 1
    found = Changes(stack="dev", is_plan=False, builds=1, rows=tuple(rows))
    assert found.headline == "1 image new, 2 services changed, 0 untouched"
    assert "sha256:aaaaaaaaaaaa -> sha256:bbbbbbbbbbbb  app.py changed" in "\n".join(
        lines_of(found)
    )


def many(number: int, name: str, why: str) -> Changes:
    rows = [
        Row(name=f"{name}{n}", kind="changes", why=why, before=OLD, after=None)
        for n in range(number)
    ]
    return Changes(stack="dev", is_plan=True, builds=number, rows=tuple(rows), notes=(why,) * 900)


@pytest.mark.parametrize("stacks", [1, 2, 7])
def test_five_hundred_services_with_hostile_names_fit_into_a_comment(stacks: int) -> None:
    text = comment("What", [many(500, "`|é😀" * 20, "`" * 200 + "é😀|" * 400)] * stacks)
    assert len(text) <= LONGEST
    assert len(text.encode()) <= LONGEST
    assert text.startswith(MARKER)
    assert text.count("500 images to build, 500 services change") == stacks
    assert re.search(r"… and \d+ more services", text)
    assert text.count("<details>") == text.count("</details>")


def test_more_than_a_screen_of_rows_is_folded_and_fewer_are_not() -> None:
    assert "<summary>21 changes" in comment("What", [many(21, "s", "w")])
    assert "<summary>20 changes" not in comment("What", [many(20, "s", "w")])


HOSTILE = (
    "@octocat",
    "<img src=x onerror=alert(1)>",
    "</details><h1>owned",
    "[click](https://evil.example)",
    "`escape` @octocat",
    "``` @octocat",
    "a|b|c|@octocat",
    "a\\|@octocat",
    "x\n# heading\n| cell |",
    "<!-- slipway:changes -->",
    "#1 GH-2 acme/shop#3",
)


def bare(text: str) -> str:
    """What GitHub reads as Markdown: all but code spans, table by table cell."""
    kept = []
    for line in text.splitlines():
        cells = line.split("|") if line.startswith("|") else [line]
        kept.append("|".join(SPAN.sub("", cell) for cell in cells))
    return "\n".join(kept)


@pytest.mark.parametrize("words", HOSTILE)
def test_nobodys_words_reach_github_as_markdown(words: str) -> None:
    row = Row(name=words, kind="changes", why=words, before=OLD, after=NEW)
    still = Row(name=words, kind="untouched", why="", before=OLD, after=OLD)
    text = comment(
        "What",
        [
            Changes(
                stack=words,
                is_plan=True,
                rows=(row, still),
                others=(words,),
                notes=(words,),
                failure=words,
            )
        ],
    )
    plain = comment("What", [Changes(stack="s", is_plan=True, failure="f")])
    left = bare(text)
    for sign in ("octocat", "onerror", "owned", "evil", "heading", "GH-2"):
        assert sign not in left
    assert text.count("\n<!--") + text.startswith("<!--") == 1
    assert [each for each in left.splitlines() if each.startswith("#")] == [
        each for each in plain.splitlines() if each.startswith("#")
    ]


@given(st.text(max_size=80))
def test_a_row_has_five_cells_whatever_it_is_called(words: str) -> None:
    row = Row(name=words, kind="changes", why=words, before=OLD, after=NEW)
    text = comment("What", [Changes(stack="s", is_plan=True, rows=(row,))])
    line = next(each for each in text.split("\n") if "| changes |" in each)
    assert line.count("|") == 6
