"""A project as it looks after some months: three stacks, twelve services, a thousand records."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from release.history_days import StackHistory
from release.lead_time import CommitAt
from release.notes import Change
from release.promotion_path import Commits, edges
from release.record import Hold, ImageEntry, Pointer, Record, ServiceEntry
from release.record_text import moment, new_id
from release.report import Report, report

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
SERVICES = (
    "accounts", "basket", "book-shop", "catalogue", "gateway", "invoices", "mailer", "payments",
    "reports", "search", "stock", "web",
)  # fmt: skip
PEOPLE = ("ada", "barbara", "grace", "radia")
SUBJECTS = (
    "Keep the basket when a session ends", "Name the currency in every invoice",
    "Search by author as well", "Wait for the stock before a payment", "Count pages from one",
    "Answer 404 for a book that is gone", "Mail receipts as plain text too",
)  # fmt: skip
ORDER = [{"d": "dev", "s": "staging", "p": "prod"}[each] for each in "ddsddpdsdd"]
TARGETS = ("host", "ecs", "lambda")


class History:
    """Makes records one after the other, the way updates do."""

    def __init__(self, stack: str, chance: random.Random) -> None:
        self.stack, self.chance = stack, chance
        self.records: list[Record] = []
        self.current: Record | None = None

    def update(
        self, at: datetime, commit: str, version: str | None, origin: Record | None
    ) -> Record:
        """A record that is `open` yet; it promotes what `origin` has."""
        made = new_id(commit, at, f"{len(self.records):06x}")
        old = self.current
        changed = self._changed(origin)
        images, services = dict(old.images if old else {}), dict(old.services if old else {})
        for name in changed:
            built = f"sha256:{self.chance.getrandbits(256):064x}"
            digest = origin.images[name].digest if origin else built
            tag = version or commit[:12]
            repository = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/{name}"
            images[name] = ImageEntry(
                repository=repository, digest=digest, tag=tag, deployment=made
            )
            services[name] = ServiceEntry(
                target=TARGETS[SERVICES.index(name) % 3], image=f"{repository}@{digest}",
                digest=digest, version=tag, verdict=f"running {digest}", deployment=made,
                seconds={"total": 20.0},
            )  # fmt: skip
        return Record(
            id=made, project="bookshop", stack=self.stack, version=version, commit=commit,
            checkout=commit, who=self.chance.choice(PEOPLE),
            where="https://github.com/acme/bookshop/actions/runs/19283746501", started=moment(at),
            outcome="open", names=(version or commit,), images=images, services=services,
            previous=old.id if old else None,
        )  # fmt: skip

    def _changed(self, origin: Record | None) -> list[str]:
        if self.current is None:
            return list(SERVICES)
        if origin is None:
            return self.chance.sample(SERVICES, self.chance.choice((1, 1, 2, 3)))
        ours = self.current.images
        return [n for n in SERVICES if origin.images[n].digest != ours[n].digest]

    def end(self, record: Record, seconds: float, outcome: str, **more: object) -> Record:
        """The same record, closed."""
        began = datetime.fromisoformat(record.started)
        end = {"finished": moment(began + timedelta(seconds=seconds)), "outcome": outcome, **more}
        closed = record.model_copy(update=end)
        self.records.append(closed)
        if outcome == "succeeded":
            self.current = closed
        return closed

    def whole(self, promotes_from: str | None = None, hold: Hold | None = None) -> StackHistory:
        """The history as it is read: newest first."""
        assert self.current is not None
        pointer = Pointer(
            stack=self.stack, record=self.current.id, version=self.current.version,
            moved=self.current.started, hold=hold,
        )  # fmt: skip
        return StackHistory(
            stack=self.stack, promotes_from=promotes_from, pointer=pointer, current=self.current,
            records=tuple(reversed(self.records)),
        )  # fmt: skip


def project(updates: int = 1000, days: int = 160) -> Report:
    """The report of `updates` records over `days` days."""
    chance = random.Random(9)  # noqa: S311 -- the same page every time
    stacks = {name: History(name, chance) for name in ("dev", "staging", "prod")}
    origins = {"staging": stacks["dev"], "prod": stacks["staging"]}
    graph: dict[str, CommitAt] = {}
    before, minor = "", 0
    for index in range(updates):
        at = NOW - timedelta(days=days) * (1 - (index + 0.5) / updates)
        kind = ORDER[index % len(ORDER)]
        here = stacks[kind]
        origin = origins[kind].current if kind in origins else None
        version: str | None
        if origin is None:
            before = commit = _commit(chance, before, at, graph)
            version = None
        else:
            commit, minor = origin.commit, minor + (kind == "staging")
            version = f"v1.{minor}.0" if kind == "staging" else origin.version
        _happen(here, here.update(at, commit, version, origin), chance)
    hold = Hold(
        who="grace", why="payments doubled on Friday", since="2026-11-20T16:05:00Z",
        version="v1.1.0",
    )  # fmt: skip
    whole = [
        stacks["dev"].whole(), stacks["staging"].whole("dev"), stacks["prod"].whole("staging", hold)
    ]  # fmt: skip
    return report("bookshop", whole, _between(graph, whole), graph, NOW, 30)


def _commit(chance: random.Random, parent: str, at: datetime, graph: dict[str, CommitAt]) -> str:
    new = f"{chance.getrandbits(160):040x}"
    made = at - timedelta(minutes=chance.choice((7, 25, 90, 400)))
    graph[new] = CommitAt(made=made, parents=(parent,) if parent else ())
    return new


def _happen(history: History, record: Record, chance: random.Random) -> None:
    luck = chance.random()
    seconds = chance.uniform(14, 260)
    if luck < 0.05 and history.current:
        why = "payments: 3 of 3 probes of /healthz answered 503 within 60 s; the old one serves"
        history.end(record, seconds, "failed", failure=why)
    elif luck < 0.08 and history.current:
        history.end(record, seconds / 3, "succeeded", rollback=True)
    else:
        history.end(record, seconds, "succeeded")


def _between(
    graph: dict[str, CommitAt], stacks: list[StackHistory]
) -> dict[tuple[str, str], Commits]:
    found = {}
    for origin, stack in edges(stacks):
        assert origin.current is not None
        assert stack.current is not None
        ids, each = [], origin.current.commit
        while each != stack.current.commit:
            ids.append(each)
            each = graph[each].parents[0]
        listed = (
            Change(
                id=each, subject=SUBJECTS[n % len(SUBJECTS)], author=PEOPLE[n % 4],
                date=moment(graph[each].made),
            )
            for n, each in enumerate(ids)
        )  # fmt: skip
        found[origin.stack, stack.stack] = Commits(ahead=tuple(listed))
    return found
