"""Records in S3 itself: conditional writes there decide who was first."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from clients.aws import AwsAccess
from clients.record_store import NotCurrentError, RecordError, RecordStore
from release.record import Record
from tests.fakes.records import D1, image, pointer_to, record
from tests.localcloud.cloud import REGION, Cloud

RACERS = 8
REPOSITORY = "127.0.0.1:4510/prod/shop"


@pytest.fixture
def bucket(cloud: Cloud, request: pytest.FixtureRequest) -> str:
    """A new, versioned bucket named after the test."""
    name = f"records-{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]}"
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def store_in(cloud: Cloud, bucket: str) -> RecordStore:
    """A store of its own, as each process has one."""
    access = AwsAccess(
        region=REGION,
        endpoints=(("s3", cloud.url), ("sts", cloud.url)),
        access_key="any",
        secret_key="word",
    )
    return RecordStore(access, bucket)


def test_a_record_s_whole_life(cloud: Cloud, bucket: str) -> None:
    store = store_in(cloud, bucket)
    assert store.pointer("prod") is None
    begun = record(1, outcome="open", finished=None, version="v1.2.0", images={"shop": image()})
    store.open(begun)
    with pytest.raises(RecordError, match="already"):
        store.open(begun.model_copy(update={"who": "somebody else"}))
    ended = begun.model_copy(update={"outcome": "succeeded"})
    store.close(ended)
    etag = store.move(pointer_to(ended), None)
    seen = store_in(cloud, bucket)
    assert seen.pointer("prod") == (pointer_to(ended), etag)
    assert seen.newest("prod", 5) == [ended]
    assert seen.find("prod", "v1.2.0") == ended
    assert seen.objects.holds(f"records/prod/{ended.id}.json")
    assert not seen.objects.holds("records/prod/other.json")
    with pytest.raises(RecordError, match="closed already"):
        seen.close(ended.model_copy(update={"outcome": "failed"}))


def test_without_the_bucket_there_is_no_pointer_and_no_record(cloud: Cloud) -> None:
    store = store_in(cloud, "nobody-has-made-this-bucket")
    assert store.pointer("prod") is None
    assert store.newest("prod", 5) == []
    assert not store.objects.holds("x")


def race(cloud: Cloud, bucket: str, runs: list[Record], etag: str | None) -> list[str | None]:
    """Lets all runs move the pointer at once; the etag that each got, or None."""
    barrier = Barrier(len(runs))

    def run(own: Record) -> str | None:
        store = store_in(cloud, bucket)
        store.open(own)
        barrier.wait()
        try:
            return store.move(pointer_to(own), etag)
        except NotCurrentError:
            return None

    with ThreadPoolExecutor(len(runs)) as pool:
        return list(pool.map(run, runs))


def test_of_racing_runs_one_moves_the_pointer(cloud: Cloud, bucket: str) -> None:
    store, etag = store_in(cloud, bucket), None
    for hours in (3, 2, 1):
        runs = [record(hours + number / 100) for number in range(RACERS)]
        ends = race(cloud, bucket, runs, etag)
        (winner,) = [number for number, end in enumerate(ends) if end]
        found = store.pointer("prod")
        assert found is not None
        assert (found[0].record, found[1]) == (runs[winner].id, ends[winner])
        etag = found[1]


def test_of_racing_claims_one_digest_gets_the_name(cloud: Cloud, bucket: str) -> None:
    barrier = Barrier(RACERS)

    def claim(number: int) -> str:
        digest = f"sha256:{number:064x}"
        own = store_in(cloud, bucket)
        barrier.wait()
        return own.claim_name(REPOSITORY, "v1.2.0", digest)

    with ThreadPoolExecutor(RACERS) as pool:
        owners = set(pool.map(claim, range(RACERS)))
    assert len(owners) == 1
    assert store_in(cloud, bucket).claim_name(REPOSITORY, "v1.2.0", D1) == owners.pop()


def test_a_run_that_began_before_another_one_ended_does_not_move_back(
    cloud: Cloud, bucket: str
) -> None:
    late, quick = store_in(cloud, bucket), store_in(cloud, bucket)
    assert late.pointer("prod") is None
    done = record(1, version="v1.3.0", who="grace")
    quick.open(done)
    quick.move(pointer_to(done), None)
    with pytest.raises(NotCurrentError, match=r"made v1\.3\.0 current by grace"):
        late.move(pointer_to(record(2, version="v1.2.0")), None)
