"""Records, pointers, hosts.json and Pulumi's own documents; and the pages that are made of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st

from clients.record_documents import bytes_of, parsed
from clients.state_locks import StateLock, holder_is_dead, read_locks
from pages.status_page import status_page
from release.changes import lines_of
from release.changes_markdown import LONGEST, comment
from release.event import event_of
from release.history_days import StackHistory
from release.host_current import HostEntry, entries_of, text_of
from release.notes import Change
from release.promotion_path import Commits
from release.pulumi_plan import changes_of_plan, plan_of
from release.record import Hold, NameClaim, Pointer, Record
from release.record_words import changed_in, name_of
from release.report import report
from tests.attacks.corpora import Text, damaged, every, json_bytes, json_text, like, near
from tests.attacks.parser import Parser, check_shown
from tests.fakes.records import COMMIT, D1, D2, image, pointer_to, record, service

_MADE = datetime(2026, 11, 21, 12, tzinfo=UTC)
_ENTRY: dict[str, Any] = {
    "inputs": {"context services/api": "a" * 40},
    "key": "a" * 40,
    "reason": "app.py",
}
RECORD = record(
    images={"api": image(D1, **_ENTRY)},
    services={"api": service(D1, verdict="running", seconds={"pull": 1.5}, reason="app.py")},
    failure="why\nit failed",
    version="v1.2.0",
    names=("v1.2.0",),
)
_HOLD = Hold(who="ada", why="slow", since="2026-11-21T00:00:00Z")
HOSTS = HostEntry(
    service="api",
    kind="service",
    key="bundles/dev/deploy-bundle-v1.tar.gz",
    sha256="a" * 64,
    version="v1",
    image=f"127.0.0.1:4510/dev/api:v1@{D1}",
    timeout="60",
)
LOCK = {"pid": 1, "username": "a", "hostname": "b", "timestamp": "2026-11-21T07:00:00.123456789Z"}
PLAN: dict[str, Any] = {
    "steps": [
        {
            "op": "update",
            "urn": "urn:pulumi:dev::slipway::slipway:index:A$rollout:index:Record::record",
            "oldState": {"inputs": {"images": {"api": {"digest": D1}}}},
            "newState": {"inputs": {"images": {"api": {"digest": D2, "reason": "app.py"}}}},
        },
        {"op": "create", "urn": "urn:pulumi:dev::slipway::aws:s3/bucket:Bucket::b"},
    ],
    "diagnostics": [{"severity": "warning", "message": "w", "urn": "a::b::c::d"}],
}


class Tags(HTMLParser):
    """What elements a page has, and where it leads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        assert not [name for name, _ in attrs if name.startswith("on")]


def _record(data: bytes) -> Record:
    return parsed(Record, "s3://bucket/records/prod/x.json", data)


def _is_record(made: Record) -> None:
    name_of(made), changed_in(made)
    bytes_of(made).decode()
    if made.outcome != "open" and made.finished:
        check_shown(event_of(made, "s3://b/k").model_dump_json())
    _check_page(_page((made, _HOLD, "Fix", "Ada")))


def _page(given: tuple[Record, Hold, str, str]) -> str:
    made, hold, subject, author = given
    pointer = Pointer(stack=made.stack, record=made.id, moved="2026-11-21T00:00:00Z", hold=hold)
    stack = StackHistory(stack=made.stack, pointer=pointer, current=made, records=(made,))
    other = StackHistory(stack="after", promotes_from=made.stack, unread=author)
    waiting = Commits(ahead=(Change(id="7d2a1b0", subject=subject, author=author, date="2026"),))
    between = {(made.stack, "after"): waiting}
    return status_page(report("slipway", [stack, other], between, {}, _MADE, 90))


def _check_page(page: str) -> None:
    check_shown(page.replace("\t", " "))
    tags = Tags(page)
    assert not tags.found & {"script", "img", "iframe", "object", "base", "form", "embed"}
    assert all(re.match(r"#|https?://|data:,$", each) for each in tags.links), tags.links


def _hosts(data: bytes) -> str:
    return text_of(entries_of(data).values())


def _are_hosts(text: str) -> None:
    lines = [line for line in text.splitlines() if "service" in line and "schema" not in line]
    # What converge.sh reads: nothing that a shell could take for more than a word.
    assert all(re.fullmatch(r'[A-Za-z0-9._:/@,{}"-]+', line) for line in lines), lines


def _plan(text: str) -> str:
    changes = changes_of_plan("dev", plan_of(f"a line\n{text}"), {"api": "api"})
    check_shown("\n".join(lines_of(changes)))
    return comment("Preview", [changes])


def _is_comment(text: str) -> None:
    assert len(text) <= LONGEST
    check_shown(text)


def _locks(data: bytes) -> list[StateLock]:
    with TemporaryDirectory() as folder:
        place = Path(folder) / ".pulumi/locks/organization/slipway/dev"
        place.mkdir(parents=True)
        (place / "a.json").write_bytes(data)
        found = read_locks(Path(folder), "slipway", "dev")
    assert all(each.age >= 0 for each in found)
    for each in found:
        check_shown(holder_is_dead(each)[1])
    return found


_AS_JSON = RECORD.model_dump(mode="json")

PARSERS = (
    Parser(
        name="a record",
        source="the bucket",
        inputs=json_bytes(_AS_JSON),
        parse=_record,
        check=_is_record,
    ),
    Parser(
        name="a pointer",
        source="the bucket",
        inputs=json_bytes(pointer_to(RECORD, hold=_HOLD).model_dump(mode="json")),
        parse=lambda data: parsed(Pointer, "current.json", data),
    ),
    Parser(
        name="a claim of a name",
        source="the bucket",
        inputs=json_bytes({"schema_version": 1, "repository": "a/b", "name": "v1", "digest": D1}),
        parse=lambda data: parsed(NameClaim, "names/v1", data),
    ),
    Parser(
        name="hosts.json",
        source="the bucket",
        inputs=damaged(
            st.one_of(
                json_text({"schema_version": 1, "services": [vars(HOSTS)]}),
                near(text_of([HOSTS])),
            ).map(lambda text: text.encode("utf-8", "surrogatepass"))
        ),
        parse=_hosts,
        check=_are_hosts,
    ),
    Parser(
        name="texts of a status page",
        source="commits, who deployed, reasons",
        inputs=every(
            like({"who": "ada", "where": "https://a/b", "failure": "x", "version": "v1"}),
            Text,
            Text,
        ),
        parse=lambda given: _page((_loose(given[0]), _HOLD, given[1], given[2])),
        check=_check_page,
        share=0.1,
    ),
    Parser(
        name="the plan of a preview",
        source="resources, git, the registry",
        inputs=json_text(PLAN),
        parse=_plan,
        check=_is_comment,
    ),
    Parser(
        name="a lock of Pulumi",
        source="whoever may write the state",
        inputs=json_bytes(LOCK),
        parse=_locks,
    ),
)


def _loose(texts: Any) -> Record:
    """A record with texts that its own grammar would refuse: the page stands on its own."""
    said = {key: str(value) for key, value in texts.items()} if isinstance(texts, dict) else {}
    known = {key: said[key] for key in ("who", "where", "failure", "version") if key in said}
    return RECORD.model_copy(update={**known, "commit": COMMIT, "outcome": "failed"})
