"""What the registry and the bucket keep, and the proof of a way back, through the real engine.

The tests of this module stand on each other, in this order.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.registry.lifecycle import Seen, expired, problem
from tests.estate import Estate, Ran

STACK, REPOSITORY, BUCKET = "kept", "kept/book-shop", "slipway-kept-deploys"
LATER = datetime.now(UTC) + timedelta(days=1000)


@pytest.fixture(scope="module")
def slipway(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The slipway folder of a monorepo with one stack that keeps two ways back."""
    top = estate.checkout(tmp_path_factory.mktemp("kept") / "monorepo")
    estate.write_stack(
        top,
        STACK,
        registry={
            "kind": "ecr",
            "repository": "kept/{image}",
            "create": True,
            "keep_images": 2,
            "readers": ["210987654321"],
        },
        bundles={"bucket": BUCKET},
        services={"atta": {"target": "host", "job": True, "volumes": ["output:/app/output"]}},
    )
    estate.up(stack=STACK, cwd=top / "deploy").ok()
    return top / "deploy"


def change(estate: Estate, slipway: Path, words: str) -> None:
    source = slipway.parent / "services" / "book-shop" / "app.py"
    source.write_text(source.read_text() + f"# {words}\n")
    estate.git("commit", "--quiet", "--all", "--message", words, top=slipway.parent)


def policy(estate: Estate) -> str:
    found = estate.client("ecr").get_lifecycle_policy(repositoryName=REPOSITORY)
    return str(found["lifecyclePolicyText"])


def images(estate: Estate) -> list[Seen]:
    ecr = estate.client("ecr")
    found = ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]
    wanted = [{"imageDigest": each["imageDigest"]} for each in found]
    read = ecr.batch_get_image(repositoryName=REPOSITORY, imageIds=wanted)["images"]
    children = {
        each["imageId"]["imageDigest"]: tuple(
            child["digest"] for child in json.loads(each["imageManifest"]).get("manifests", ())
        )
        for each in read
    }
    return [
        Seen(
            each["imageDigest"],
            tuple(each.get("imageTags", ())),
            each["imagePushedAt"],
            children[each["imageDigest"]],
        )
        for each in found
    ]


def digest_of(estate: Estate, slipway: Path) -> str:
    text = estate.pulumi("stack", "output", "--json", "--stack", STACK, cwd=slipway).ok()
    return str(json.loads(text)["images"]["book-shop"]["digest"])


def check(estate: Estate, slipway: Path, *words: str) -> Ran:
    return estate.run(
        str(slipway / "bin" / "slipway"), "check", *words, "--stack", STACK, cwd=slipway
    )


def records(estate: Estate) -> list[dict[str, Any]]:
    s3 = estate.client("s3")
    keys = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"records/{STACK}/2")["Contents"]
    return [
        json.loads(s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()) for each in keys
    ]


def test_an_update_that_changes_nothing_changes_no_retention(estate: Estate, slipway: Path) -> None:
    before = policy(estate)
    text = estate.up("--expect-no-changes", stack=STACK, cwd=slipway).ok()
    assert "updated" not in text.split("Resources:")[1]
    assert policy(estate) == before
    assert problem(before) is None


def test_what_runs_and_two_ways_back_are_kept_a_thousand_days_and_the_rest_goes(
    estate: Estate, slipway: Path
) -> None:
    digests = [digest_of(estate, slipway)]
    for words in ("second", "third", "fourth"):
        change(estate, slipway, words)
        estate.up(stack=STACK, cwd=slipway).ok()
        digests.append(digest_of(estate, slipway))
    found = images(estate)
    first = next(each for each in found if each.digest == digests[0])
    gone = expired(policy(estate), found, LATER)
    assert len(set(digests)) == 4
    assert set(gone) == {first.digest, *first.children}
    assert expired(policy(estate), images(estate), datetime.now(UTC)) == {}
    estate.up("--expect-no-changes", stack=STACK, cwd=slipway).ok()


def test_the_preview_tells_in_words_what_will_be_kept(estate: Estate, slipway: Path) -> None:
    change(estate, slipway, "fifth")
    before = policy(estate)
    text = estate.preview("--diff", stack=STACK, cwd=slipway).ok()
    assert "runs in kept" in text
    assert "kept can go back to it" in text
    assert policy(estate) == before
    estate.git("reset", "--quiet", "--hard", "HEAD~1", top=slipway.parent)


def test_the_bucket_takes_no_write_over_a_bundle_a_name_or_a_record(
    estate: Estate, slipway: Path
) -> None:
    s3 = estate.client("s3")
    bundle = records(estate)[-1]["bundle"]["key"]
    for key in (bundle, f"names/host/{REPOSITORY}/v1", f"records/{STACK}/current.json"):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.put_object(Bucket=BUCKET, Key=key, Body=b"mine")
    for key in (bundle, f"records/{STACK}/current.json"):
        with pytest.raises(ClientError, match="PreconditionFailed"):
            s3.put_object(Bucket=BUCKET, Key=key, Body=b"mine", IfNoneMatch="*")


def test_a_check_proves_a_way_back_and_writes_nothing(estate: Estate, slipway: Path) -> None:
    first = records(estate)[1]
    before = estate.counters()
    keys = estate.client("s3").list_object_versions(Bucket=BUCKET)["Versions"]
    text = check(estate, slipway, first["id"]).ok()
    after = estate.counters()
    assert {n: after[n] - before[n] for n in after if n.endswith("writes") or n == "builds"} == {
        n: 0 for n in after if n.endswith("writes") or n == "builds"
    }
    assert estate.client("s3").list_object_versions(Bucket=BUCKET)["Versions"] == keys
    assert f"can be gone back to: `slipway rollback {STACK}" in text
    assert "whole: " in text
    assert "linux/amd64" in text
    document = json.loads(check(estate, slipway, first["id"], "--json").ok())
    assert document["possible"]
    assert {each["what"] for each in document["checks"]} == {
        "record",
        "image atta",
        "image book-shop",
        "bundle",
    }


def test_a_check_says_what_is_missing_before_an_incident_does(
    estate: Estate, slipway: Path
) -> None:
    first = records(estate)[1]
    digest = first["images"]["book-shop"]["digest"]
    s3 = estate.client("s3")
    estate.client("ecr").batch_delete_image(
        repositoryName=REPOSITORY, imageIds=[{"imageDigest": digest}]
    )
    s3.delete_object(Bucket=BUCKET, Key=first["bundle"]["key"])
    text = check(estate, slipway, first["id"]).refused()
    assert f"kept/book-shop lacks the manifest {digest}" in text
    assert f"s3://{BUCKET}/{first['bundle']['key']} is gone" in text
    assert "2 of 4 checks failed" in text
    assert "has no record of 'v9.9.9'" in check(estate, slipway, "v9.9.9").refused()


def test_a_bundle_that_has_vanished_is_stored_again(estate: Estate, slipway: Path) -> None:
    text = estate.up(stack=STACK, cwd=slipway).ok()
    assert "is gone; it is stored again" in text
    assert "can be gone back to" in check(estate, slipway, records(estate)[-1]["id"]).ok()
