"""`slipway check` looks for what a way back needs, in a real registry, and writes nothing."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests.fakes.bucket import BUCKET
from tests.fakes.check_stack import BUNDLE, Bench, bench, host
from tests.fakes.registry import push_platforms

__all__ = ["bench", "host"]


def test_a_version_that_is_whole_can_be_gone_back_to(bench: Bench) -> None:
    bench.deployed(bench.image())
    said, refused = bench.run("v1.2.0")
    assert refused is None
    assert "whole: 1 manifests, 3 blobs, for linux/amd64" in said
    assert f"s3://{BUCKET}/{BUNDLE}, SHA-256" in said
    assert "v1.2.0 can be gone back to: `slipway rollback prod v1.2.0`" in said


def test_a_layer_that_is_gone_is_found_though_the_manifest_is_there(bench: Bench) -> None:
    made = bench.image()
    bench.deployed(made)
    layer = json.loads(made.body)["layers"][1]["digest"]
    bench.lose(layer)
    said, refused = bench.run("v1.2.0")
    assert f"lacks the layer {layer}" in said
    assert "1 of 3 checks failed; build it again at" in str(refused)


def test_a_part_of_an_index_that_is_gone_is_found(bench: Bench) -> None:
    index = push_platforms(bench.registry, "both", "v1.2.0")
    bench.deployed(index)
    said, refused = bench.run("v1.2.0")
    assert refused is None
    assert "5 manifests" in said
    assert "for linux/amd64, linux/arm64" in said
    child = json.loads(index.body)["manifests"][2]["digest"]
    bench.lose(child)
    said, refused = bench.run("v1.2.0")
    assert f"lacks the manifest {child}" in said
    assert refused


def test_an_image_that_is_gone_is_found(bench: Bench) -> None:
    made = bench.image()
    bench.deployed(made)
    bench.lose(made.digest)
    said, refused = bench.run("v1.2.0")
    assert f"lacks the manifest {made.digest}" in said
    assert refused


def test_a_name_that_means_something_else_now_is_found(bench: Bench) -> None:
    made = bench.image()
    bench.deployed(made)
    other = bench.image("arm64")
    said, refused = bench.run("v1.2.0")
    assert f"v1.2.0 is {other.digest}, and the record says {made.digest}" in said
    assert refused


@pytest.mark.parametrize("altered", [True, False])
def test_a_bundle_that_is_gone_or_altered_is_found(bench: Bench, altered: bool) -> None:
    bench.deployed(bench.image())
    if altered:
        bench.bucket.objects[BUNDLE] = b"forged"
    else:
        del bench.bucket.objects[BUNDLE]
    said, refused = bench.run("v1.2.0")
    assert ("has SHA-256" if altered else "is gone") in said
    assert "the bucket keeps it for 90 days" in str(refused)


@pytest.mark.parametrize(
    ("target", "machine", "said"),
    [
        ("ecs", "amd64", "prod-shop:7 is ACTIVE with this digest"),
        ("ecs", "arm64", "linux/arm64, and the service runs linux/amd64"),
        ("lambda", "amd64", "a single manifest in private ECR of eu-west-1"),
        ("lambda", "arm64", "linux/arm64, and the service runs linux/amd64"),
    ],
)
def test_what_a_target_needs_is_looked_for(
    bench: Bench, target: str, machine: str, said: str
) -> None:
    bench.services["shop"] = SimpleNamespace(target=target, image=None, architecture="x86_64")
    bench.deployed(bench.image(machine))
    printed, refused = bench.run("v1.2.0")
    assert said in printed
    assert bool(refused) == (machine == "arm64")


def test_a_revision_that_is_not_active_is_told_and_is_no_obstacle(bench: Bench) -> None:
    bench.services["shop"] = SimpleNamespace(target="ecs", image=None, architecture="x86_64")
    bench.revision = None
    bench.deployed(bench.image())
    printed, refused = bench.run("v1.2.0")
    assert "the update registers a new revision" in printed
    assert refused is None


@pytest.mark.parametrize("index", [True, False])
def test_an_image_that_lambda_would_not_take_is_found(bench: Bench, index: bool) -> None:
    bench.services["shop"] = SimpleNamespace(target="lambda", image=None, architecture="x86_64")
    bench.region = "eu-west-1" if index else "us-east-1"
    bench.deployed(push_platforms(bench.registry, "both", "v1.2.0") if index else bench.image())
    printed, refused = bench.run("v1.2.0")
    assert ("the image is an index" if index else "the image is in 127.0.0.1") in printed
    assert refused


def test_a_record_that_lacks_a_service_or_did_not_succeed_is_no_way_back(bench: Bench) -> None:
    bench.services["newer"] = SimpleNamespace(target="host", image=None)
    bench.deployed(bench.image())
    printed, refused = bench.run("v1.2.0")
    assert "has no image for newer" in printed
    assert "go back with the stack file of 7d2a1b0" in str(refused)
    bench.bucket.objects.clear()
    bench.deployed(bench.image(), outcome="failed")
    printed, refused = bench.run("v1.2.0")
    assert "did not succeed (failed)" in printed


def test_a_version_that_never_was_is_refused_with_those_that_were(bench: Bench) -> None:
    bench.deployed(bench.image())
    _, refused = bench.run("v9.9.9")
    assert "prod has no record of 'v9.9.9'; the newest are v1.2.0" in str(refused)


def test_a_machine_reads_one_document(bench: Bench) -> None:
    bench.deployed(bench.image())
    said, _ = bench.run("v1.2.0", "--json")
    document = json.loads(said)
    assert document["possible"]
    assert [each["what"] for each in document["checks"]] == ["record", "image shop", "bundle"]
