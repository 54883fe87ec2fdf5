"""What machines run when they boot: moved with the rollout, under a condition, never loosely."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clients.host_current import HostCurrent
from clients.record_documents import NotCurrentError, RecordError
from provider.host_rollout import HostRolloutError
from release.host_current import HostEntry, entries_of, key_of, text_of
from tests.fakes.bucket import FakeS3, store, use
from tests.fakes.updates import deployment
from tests.unit.test_provider_host import (
    IMAGE,
    NEW,
    OLD,
    ONE,
    TWO,
    Bench,
    FakeHosts,
    inputs,
    says,
)

ENTRY = HostEntry(
    service="shop",
    kind="service",
    key="bundles/dev/b.tar.gz",
    sha256="e" * 64,
    version="v2",
    image=IMAGE,
    timeout="60",
)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    return use(monkeypatch)


@pytest.fixture
def document(bucket: FakeS3) -> HostCurrent:
    return HostCurrent(store().objects, "dev")


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> FakeHosts:
    made = FakeHosts()
    made.install(monkeypatch)
    return made


def test_a_document_is_read_back_as_it_was_written_a_service_a_line() -> None:
    atta = replace(ENTRY, service="atta", kind="job")
    text = text_of([ENTRY, atta])
    assert list(entries_of(text.encode()).values()) == [atta, ENTRY]
    assert [line[:16] for line in text.splitlines()[1:3]] == [
        '{"service":"atta',
        '{"service":"shop',
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("service", "../shop"),
        ("kind", "daemon"),
        ("key", "records/dev/x.json"),
        ("sha256", "e" * 63),
        ("version", "v1 v2"),
        ("image", "r/x:v1"),
        ("timeout", "-1"),
    ],
)
def test_an_entry_that_a_machine_would_refuse_is_none(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"is not a {name}; allowed"):
        replace(ENTRY, **{name: value})


def test_one_service_is_moved_and_the_others_stay(document: HostCurrent) -> None:
    atta = replace(ENTRY, service="atta")
    document.move("shop", ENTRY, None)
    document.move("atta", atta, None)
    later = replace(ENTRY, version="v3")
    document.move("shop", later, ENTRY)
    assert (document.entry("shop"), document.entry("atta")) == (later, atta)
    document.keep_only({"atta"})
    assert (document.entry("shop"), document.entry("atta")) == (None, atta)


def test_what_another_update_has_moved_is_not_moved_back(document: HostCurrent) -> None:
    document.move("shop", ENTRY, None)
    with pytest.raises(NotCurrentError, match="another one made v2 what the hosts of dev run"):
        document.move("shop", replace(ENTRY, version="v3"), replace(ENTRY, version="v1"))
    assert document.entry("shop") == ENTRY


def test_another_service_that_moves_in_between_is_kept(
    document: HostCurrent, bucket: FakeS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, atta = bucket.put_object, replace(ENTRY, service="atta")

    def second(**words: object) -> object:
        monkeypatch.setattr(bucket, "put_object", put)
        document.move("atta", atta, None)
        return put(**words)  # type: ignore[arg-type]

    monkeypatch.setattr(bucket, "put_object", second)
    document.move("shop", ENTRY, None)
    assert (document.entry("shop"), document.entry("atta")) == (ENTRY, atta)


def test_a_damaged_document_is_named(document: HostCurrent, bucket: FakeS3) -> None:
    bucket.objects[key_of("dev")] = b'{"schema_version": 1, "services": [{"service": "shop"}]}'
    with pytest.raises(RecordError, match=r"records/dev/hosts\.json is damaged: .*earlier version"):
        document.entry("shop")


def test_a_rollout_moves_it_when_all_hosts_have_switched(
    document: HostCurrent, hosts: FakeHosts
) -> None:
    Bench(hosts, deployment()).up(inputs())
    assert document.entry("shop") == ENTRY


def test_a_rollout_that_fails_does_not(document: HostCurrent, hosts: FakeHosts) -> None:
    Bench(hosts, deployment()).up(inputs())
    hosts.answers["deploy", TWO] = says("put-back", OLD)
    with pytest.raises(HostRolloutError):
        Bench(hosts, deployment()).up(inputs(version="v3"))
    assert document.entry("shop") == ENTRY


def test_when_most_hosts_keep_the_new_version_one_that_boots_gets_it(
    document: HostCurrent, hosts: FakeHosts
) -> None:
    hosts.answers["deploy", TWO] = says("put-back", OLD)
    with pytest.raises(HostRolloutError):
        Bench(hosts, deployment()).up(inputs(errors="1"))
    assert document.entry("shop") == ENTRY


def test_what_is_put_back_with_the_others_of_its_stack_is_moved_back(
    document: HostCurrent, hosts: FakeHosts
) -> None:
    Bench(hosts, deployment()).up(inputs(version="v1"))
    bench = Bench(hosts, deployment())
    bench.up(inputs(policy="together", digest=NEW))
    assert document.entry("shop") == ENTRY
    hosts.answers["restore", ONE] = hosts.answers["restore", TWO] = says("put-back", OLD)
    (back,) = bench.resource._switched.switches().values()
    back(bench.call)
    assert document.entry("shop") == replace(ENTRY, version="v1")
