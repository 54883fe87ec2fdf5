"""`slipway logs` of hosts: the journals of a fleet, read by the stack's own document."""

from __future__ import annotations

from typing import Any

import pytest

from cli import log_journal
from clients import ClientError
from clients.aws import AwsAccess, AwsError
from clients.machines import Machine
from clients.ssm import Invocation
from clients.ssm_agents import Agent
from infra.places import HostPlace

ACCESS = AwsAccess(region="eu-west-1")
SHOP = HostPlace(name="shop", kind="service", tag=("role", "app"), document="slipway-deploy-prod")


class FakeHosts:
    """Two hosts, and what the stack's document was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.outputs = {"i-1": "", "i-2": ""}
        self.status = "Success"

    def run(self, access: Any, place: Any, ids: list[str], parameters: Any, at: float) -> Any:
        self.asked.append(parameters)
        return [
            Invocation(instance=each, status=self.status, code=0, stdout=self.outputs[each])
            for each in ids
        ]


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> FakeHosts:
    made = FakeHosts()
    there = [Machine(id=each, state="running") for each in ("i-1", "i-2")]
    online = {each.id: Agent(ping="Online", version="3") for each in there}
    monkeypatch.setattr(log_journal.machines, "tagged", lambda *_: there)  # type: ignore[attr-defined]
    monkeypatch.setattr(log_journal, "agents", lambda *_: dict(online))
    monkeypatch.setattr(log_journal, "run_document", made.run)
    return made


def test_the_journals_of_all_hosts_are_one_log_in_order(hosts: FakeHosts) -> None:
    hosts.outputs["i-1"] = (
        "1763700001.500000 ip-1 shop[12]: one: listens\n"
        "1763700003.000000 ip-1 systemd[1]: Stopped shop\n"
    )
    hosts.outputs["i-2"] = "1763700002.000000 ip-2 shop[9]:   two\n-- No entries --\n"
    found = log_journal.Journal(ACCESS, SHOP).newest(500, 1763700000.7)
    assert [(each.source, each.text) for each in found] == [
        ("i-1", "one: listens"),
        ("i-2", "  two"),
        ("i-1", "Stopped shop"),
    ]
    (asked,) = hosts.asked
    assert asked == {
        "action": "logs",
        "service": "shop",
        "kind": "service",
        "lines": "100",
        "since": "1763700000",
    }


def test_following_a_journal_shows_each_line_once(hosts: FakeHosts) -> None:
    hosts.outputs["i-1"] = "1763700001.500000 ip-1 shop[12]: one\n"
    journal = log_journal.Journal(ACCESS, SHOP)
    assert len(journal.newest(5, None)) == 1
    hosts.outputs["i-1"] += "1763700001.600000 ip-1 shop[12]: two\n"
    assert [each.text for each in journal.more()] == ["two"]
    assert journal.more() == []
    assert [each["since"] for each in hosts.asked] == ["-", "1763700001", "1763700001"]


def test_a_host_that_fails_or_an_older_document_is_told(
    hosts: FakeHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts.status = "Failed"
    hosts.outputs["i-1"] = "no such unit"
    journal = log_journal.Journal(ACCESS, SHOP)
    with pytest.raises(ClientError, match=r"i-1 did not give its journal \(Failed\): no such unit"):
        journal.newest(5, None)

    def refused(*_: Any) -> Any:
        raise AwsError("sending: InvalidParameters", "InvalidParameters")

    monkeypatch.setattr(log_journal, "run_document", refused)
    with pytest.raises(ClientError, match="`pulumi up` renews it"):
        journal.newest(5, None)
    monkeypatch.setattr(log_journal, "run_document", lambda *_: None)
    with pytest.raises(ClientError, match="there is no document slipway-deploy-prod"):
        journal.newest(5, None)
    monkeypatch.setattr(log_journal, "agents", lambda *_: {})
    with pytest.raises(ClientError, match="no host tagged role=app is online"):
        journal.newest(5, None)
