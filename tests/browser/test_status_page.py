"""The status page in a real browser: three stacks, twelve services, a thousand records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from offline.setup_chromium import program
from pages.status_page import status_page
from tests.browser.chromium import Browser, chromium
from tests.fakes.histories import project

OWN = ("file://", "data:,", "about:blank")
LONGEST_LOAD = 20.0  # seconds; it takes a fifth of one, and machines that test are busy


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where a page of a thousand records is."""
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(status_page(project(1000)))
    return file.as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests."""
    binary = program()
    if binary is None:
        pytest.fail("no Chromium is on PATH: run these tests by `make browser`")
    with chromium(binary, tmp_path_factory.mktemp("profile")) as made:
        yield made


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_loads_fast_alone_and_without_a_complaint(
    browser: Browser, page: str, theme: str
) -> None:
    browser.see(1360, theme=theme)
    seconds = browser.open(page)
    print(f"{theme}: loaded in {seconds:.2f} s")
    assert 0 < seconds < LONGEST_LOAD
    told = [e["params"] for e in browser.events if e.get("method") in ("Log.entryAdded",
            "Runtime.consoleAPICalled", "Runtime.exceptionThrown")]  # fmt: skip
    assert told == []
    sent = [e["params"]["request"]["url"] for e in browser.events
            if e.get("method") == "Network.requestWillBeSent"]  # fmt: skip
    assert [each for each in sent if not each.startswith(OWN)] == []
    assert browser.ask("document.scripts.length") == 0
    assert browser.ask("document.querySelectorAll('tr[id]').length") == 1000
    ground = browser.ask("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(251, 250, 248)", "dark": "rgb(19, 21, 25)"}[theme]


@pytest.mark.parametrize("width", [320, 375, 768, 1360])
def test_nothing_is_wider_than_the_window(browser: Browser, page: str, width: int) -> None:
    browser.see(width)
    browser.open(page)
    browser.ask("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert browser.ask("document.documentElement.scrollWidth") <= width
    wider = f"e => e.getBoundingClientRect().right > {width} + 1 && e.checkVisibility()"
    script = f"[...document.querySelectorAll('main *')].filter({wider}).map(e => e.outerHTML)"
    assert browser.ask(script) == []


def test_the_keyboard_reaches_everything_that_can_be_used(browser: Browser, page: str) -> None:
    browser.see(1360)
    browser.open(page)
    every = "[...document.querySelectorAll('a[href], summary')].filter(e => e.checkVisibility())"
    wanted = browser.ask(f"window.all = {every}; all.length")
    reached: list[int] = []
    for _ in range(wanted):
        browser.press("Tab")
        reached.append(browser.ask("all.indexOf(document.activeElement)"))
    assert reached == list(range(wanted))
    assert wanted > 20
    browser.ask("document.querySelector('details.month > summary').focus()")
    assert browser.ask("getComputedStyle(document.activeElement).outlineStyle") != "none"
    browser.press("Enter")
    assert browser.ask("document.querySelector('details.month').open") is True


def named(browser: Browser) -> dict[str, list[dict[str, Any]]]:
    """What a screen reader is told, by role."""
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    found: dict[str, list[dict[str, Any]]] = {}
    for each in nodes:
        if not each.get("ignored"):
            found.setdefault(each.get("role", {}).get("value", ""), []).append(each)
    return found


def names_of(nodes: list[dict[str, Any]]) -> list[str]:
    return [each.get("name", {}).get("value", "") for each in nodes]


@pytest.mark.parametrize("width", [375, 1360])
def test_a_screen_reader_finds_landmarks_tables_and_headers(
    browser: Browser, page: str, width: int
) -> None:
    browser.see(width)
    browser.open(page)
    told = named(browser)
    assert {"banner", "main", "navigation", "contentinfo", "region"} <= told.keys()
    assert names_of(told["region"]) == ["Stacks", "Waiting to be promoted", "Services", "Figures",
                                        "Timeline"]  # fmt: skip
    tables = names_of(told["table"])
    assert len(tables) == 4
    assert all(tables), tables
    assert tables[0].startswith("Each service as")
    assert {"dev", "staging", "prod", "Lead time for changes"} <= set(
        names_of(told["columnheader"])
    )
    assert {"accounts", "web"} <= set(names_of(told["rowheader"]))
    images = names_of(told["image"])
    assert len(images) == 3
    assert all("succeeded" in each for each in images)


def test_a_link_to_a_deployment_opens_its_day(browser: Browser, page: str) -> None:
    browser.see(1360)
    browser.open(page)
    script = "window.old = [...document.querySelectorAll('tr[id]')].at(-1).id"
    last = browser.ask(script)
    assert browser.ask("document.getElementById(old).checkVisibility()") is False
    browser.ask(f"location.hash = '{last}'")
    assert browser.ask(f"document.getElementById('{last}').checkVisibility()") is True


def test_on_paper_it_is_light_whatever_the_reader_s_theme(browser: Browser, page: str) -> None:
    browser.see(1360, theme="dark")
    browser.open(page)
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.call("Emulation.setEmulatedMedia", media="print", features=dark)
    colour = "getComputedStyle(document.querySelector('{}')).{}".format
    assert browser.ask(colour("body", "backgroundColor")) == "rgb(255, 255, 255)"
    assert browser.ask(colour(".state.ok", "color")) == "rgb(26, 106, 61)"
    assert browser.ask(colour("nav", "display")) == "none"
