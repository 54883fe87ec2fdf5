"""The status page: what it tells, that nothing in it can be bent, and that it loads nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pages import words
from pages.status_page import status_page
from release.history_days import StackHistory
from release.notes import Change
from release.promotion_path import Commits
from release.record import Hold, Record
from release.record_text import moment
from release.report import report
from tests.fakes.histories import project
from tests.fakes.records import D1, D2, image, pointer_to, record, service

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "status_page.html"
STYLE = Path(__file__).resolve().parents[2] / "pages" / "status_page.css"
MADE = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</style><script>x</script>",
    "\x1b[31mred\x1b]0;title\x07", "abc\u202edcba", "\u2066right\u200f", "{{ 7 * 7 }}", "'-->",
)  # fmt: skip


INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def fixed(stack: str, hour: int, **more: Any) -> Record:
    began = datetime(2026, 11, 20, hour, 30, tzinfo=UTC)
    made = f"20261120T{hour:02d}3000Z-7d2a1b0-{hour:06x}"
    end = moment(began.replace(minute=31))
    plain: dict[str, Any] = {"id": made, "stack": stack, "started": moment(began), "finished": end}
    return record(**{**plain, **more})


def stack(name: str, *records: Record, origin: str | None = None, **more: object) -> StackHistory:
    """A history whose newest good record is current; records oldest first."""
    current = [each for each in records if each.outcome == "succeeded"][-1]
    pointer = pointer_to(current.model_copy(update={"version": None}), hold=more.pop("hold", None))
    values = {"pointer": pointer, "current": current, "records": records[::-1], **more}
    return StackHistory(stack=name, promotes_from=origin, **values)  # type: ignore[arg-type]


def small() -> str:
    """A page of two stacks: a held one that lags behind, and one whose last update failed."""
    entries = {"images": {"shop": image(D2)}, "services": {"shop": service(D2, version="v1.3.0")}}
    old = {"images": {"shop": image(D1)}, "services": {"shop": service(D1, verdict="running")}}
    dev = stack(
        "dev",
        fixed("dev", 8, version="v1.3.0", **entries),
        fixed("dev", 9, outcome="failed", failure="shop: 503", version="v1.4.0"),
    )
    hold = Hold(who="ada", why="the basket is empty", since="2026-11-20T11:00:00Z")
    prod = stack("prod", fixed("prod", 10, version="v1.2.0", **old), origin="dev", hold=hold)
    change = Change(id="e" * 40, subject="Fill it", author="ada", date="2026-11-20T07:00:00Z")
    between = {("dev", "prod"): Commits(ahead=(change,))}
    return status_page(report("shop", [prod, dev], between, {}, MADE, 30))


def text_of(page: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_a_small_page_is_as_it_was_approved() -> None:
    page = re.sub(r"<style>.*?</style>", "<style></style>", small(), flags=re.DOTALL)
    page = re.sub(r"sha256-[A-Za-z0-9+=/]+", "sha256-…", page)
    assert page == GOLDEN.read_text(), "look at the page, then write it anew into tests/golden"


def test_a_page_tells_stacks_in_the_order_of_promotion_and_what_waits() -> None:
    told = text_of(small())
    assert told.index("dev v1.3.0") < told.index("prod v1.2.0")
    assert "promoted from dev 1 commit waits" in told
    assert "1 image differs (shop)." in told
    assert "eeeeeee Fill it ada , 2026-11-20" in told
    assert "Held by ada since 2026-11-20 11:00 : the basket is empty" in told
    assert "Newest update failed: v1.4.0, 2026-11-20 09:30" in told
    assert "222222222222" in told
    assert "sha256:2222" not in told


def test_what_is_not_known_is_said() -> None:
    histories = [
        StackHistory(stack="prod", promotes_from="dev", unread="no AWS credentials were found"),
        stack("dev", fixed("dev", 8), whole=False, damaged=2),
        StackHistory(stack="new"),
    ]
    told = text_of(status_page(report("shop", histories, {}, {}, MADE, 30)))
    assert "Not read. no AWS credentials were found" in told
    assert "prod could not be read: nothing to compare" in told
    assert "2 records can't be read" in told
    assert "new Nothing was deployed yet." in told
    assert "Of dev the page has the newest 1 record; there are older" in told
    assert told.count("unknown not read") == 4


def test_commits_that_git_does_not_have_are_told_with_the_reason() -> None:
    histories = [stack("dev", fixed("dev", 8)), stack("prod", fixed("prod", 9), origin="dev")]
    between = {("dev", "prod"): Commits(ahead=None, unknown="this clone is shallow")}
    told = text_of(status_page(report("shop", histories, between, {}, MADE, 30)))
    assert "Which commits lie between is not known: this clone is shallow" in told


class Tags(HTMLParser):
    """All tags of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_bends_the_page(text: str) -> None:
    # As if the grammar of records had let it through.
    bad = fixed("dev", 8).model_copy(
        update={"who": text, "where": text, "version": text, "names": (text,), "failure": text,
                "services": {text: service(verdict="x").model_copy(update={"verdict": text})}}
    )  # fmt: skip
    change = Change(id="e" * 40, subject=text, author=text, date=text)
    histories = [stack("dev", bad, fixed("dev", 9, outcome="failed").model_copy(
        update={"failure": text})), stack("prod", fixed("prod", 9), origin="dev", damaged=1),
        StackHistory(stack="x", unread=text)]  # fmt: skip
    between = {("dev", "prod"): Commits(ahead=(change,))}
    page = status_page(report(text, histories, between, {}, MADE, 30))
    tags = Tags(page).seen
    assert {"script", "img", "iframe", "object", "link"} & {tag for tag, _ in tags} == {"link"}
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]
    assert not INVISIBLE.search(page)
    assert page.count("</style>") == 1
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", page)


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("https://github.com/a/b/actions/runs/1", True),
        ("http://ci.local:8080/job?x=1", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://user:secret@host/", False),
        ("https://host/ x", False),
        ("https://host/\"onclick=\"x", False),
        ("laptop", False),
    ],
)  # fmt: skip
def test_a_link_leads_to_the_web_or_is_none(address: str, leads: bool) -> None:
    assert (words.web(address) == address) is leads
    page = status_page(
        report("p", [stack("dev", fixed("dev", 8, where=address))], {}, {}, MADE, 30)
    )
    links = [str(a["href"]) for t, a in Tags(page).seen if t == "a"]
    outward = [each for each in links if not each.startswith("#")]
    assert outward == ([address] if leads else [])


def test_nothing_is_loaded_and_ids_are_unique() -> None:
    page = status_page(project(200))
    tags = Tags(page).seen
    loaded = [a.get("src") or a["href"] for t, a in tags if t != "a" and {"src", "href"} & set(a)]
    assert loaded == ["data:,"]
    assert "default-src &#39;none&#39;" in page
    assert not re.findall(r"url\(|@import|@font-face", STYLE.read_text())
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids))
    wanted = {str(a["href"])[1:] for t, a in tags if t == "a" and str(a["href"]).startswith("#")}
    assert wanted <= set(ids)


def test_a_thousand_records_are_all_there_once() -> None:
    page = status_page(project(1000))
    assert len(re.findall(r'<tr role="row" id="r-', page)) == 1000
    assert len(page) < 1_000_000
    assert page.count("<details") < 200


def themes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\n\s*\}", STYLE.read_text(), flags=re.DOTALL)[:2]
    found = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", each)) for each in (light, dark)]
    assert found[0].keys() == found[1].keys()
    return dict(zip(("light", "dark"), found, strict=True))


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_have_the_contrast_of_wcag_aa(theme: str) -> None:
    colours = themes()[theme]
    for ground in ("paper", "card"):
        for name in ("ink", "soft", "link", "ok", "bad", "back", "run"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
        for name in ("bar-ok", "bar-bad", "bar-back"):
            assert contrast(colours[name], colours[ground]) >= 3, (name, ground)


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0.0 s"), (9.94, "9.9 s"), (59.6, "59 s"), (75, "1 min 15 s"), (3599.9, "59 min 59 s"),
     (7260, "2 h 1 min"), (172_800, "2 days"), (220_000, "2.5 days")],
)  # fmt: skip
def test_spans_are_told_in_the_unit_that_fits(seconds: float, told: str) -> None:
    assert words.span(seconds) == told
