"""The status page: one HTML file that needs no server, no network and no script."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pages import strip, words
from release.dora import DEFINITIONS
from release.report import Report

_FOLDER = Path(__file__).parent
_OPEN_DAYS = 2  # days of the timeline that are open at first
_LOOSE_DAYS = 14  # days that stand alone; older ones are put together by month


def status_page(report: Report) -> str:
    """The page as HTML. Nothing in it is loaded from anywhere, and everything is escaped."""
    style = (_FOLDER / "status_page.css").read_text()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = _environment().get_template("status_page.html")
    return page.render(
        report=report,
        style=style,
        policy=(
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
            "form-action 'none'"
        ),
        definitions=DEFINITIONS,
        recent=report.timeline[:_LOOSE_DAYS],
        months=_months(report),
        open_days=_OPEN_DAYS,
        steps={each.stack: each for each in report.waiting},
        strip=strip,
        words=words,
    )


def _months(report: Report) -> list[tuple[str, list[object]]]:
    """What is older, by month, newest first."""
    months: dict[str, list[object]] = {}
    for each in report.timeline[_LOOSE_DAYS:]:
        months.setdefault(words.month(each.date), []).append(each)
    return list(months.items())


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=words.clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
