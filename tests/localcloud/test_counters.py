"""What a test can prove by numbers: requests, layer bytes, mounts."""

import requests

from tests.localcloud.cloud import Cloud
from tests.localcloud.pusher import Pusher
from tests.localcloud.test_registry import mount


def test_writes_and_reads_are_counted_and_refused_writes_are_not(
    cloud: Cloud, pusher: Pusher
) -> None:
    before = cloud.counters()
    manifest = pusher.manifest("counted")
    pusher.put(manifest, "v1")
    pusher.put("{}", "v2")
    pusher.call("HEAD", "manifests/v1")
    after = cloud.counters()
    assert after["registry_writes"] - before["registry_writes"] == 5
    assert after["registry_reads"] - before["registry_reads"] == 1


def test_layer_bytes_are_counted_where_they_arrive_and_mounts_apart(
    cloud: Cloud, pusher: Pusher
) -> None:
    before = cloud.counters()
    pusher.blob(b"x" * 1000)
    pusher.call("GET", "tags/list")
    pushed = cloud.counters()
    assert pushed["layer_bytes"] - before["layer_bytes"] == 1000
    assert pushed["registry_requests"] - before["registry_requests"] == 3
    ecr = cloud.client("ecr")
    ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")
    try:
        mount(cloud, pusher, "counted")
    finally:
        ecr.put_account_setting(name="BLOB_MOUNTING", value="DISABLED")
    mounted = cloud.counters()
    assert mounted["blob_mounts"] - pushed["blob_mounts"] == 1
    assert mounted["layer_bytes"] - pushed["layer_bytes"] == len(f"layer counted {pusher.name}")


def test_refused_requests_are_counted_as_requests_alone(cloud: Cloud) -> None:
    before = cloud.counters()
    requests.get(f"{cloud.registry}/v2/", timeout=10)
    after = cloud.counters()
    assert after["registry_requests"] - before["registry_requests"] == 1
    assert after["registry_reads"] == before["registry_reads"]
