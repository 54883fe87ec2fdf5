"""What an update or a destroy takes away is said before; images, records and bundles stay, and a
stack that is made anew takes them over.

The tests stand on each other, in this order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.estate import Estate, Ran

STACK, NEXT = "kept", "again"
BUCKET = "slipway-kept-deploys"
BACKEND = {
    "target": "ecs",
    "port": 3000,
    "health": "/healthz",
    "timeout": 60,
    "grace": 0,
    "read_only": False,
}
NOTIFIER = {"target": "lambda", "smoke": {"ping": True}}
BOTH = {"backend": BACKEND, "notifier": NOTIFIER}


@pytest.fixture(scope="module")
def slipway(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The slipway folder of a monorepo with a service on ECS and one on Lambda."""
    top = estate.checkout(tmp_path_factory.mktemp("kept") / "monorepo", ("backend", "notifier"))
    write(estate, top)
    yield top / "deploy"
    for stack in (STACK, NEXT):
        estate.run("pulumi", "stack", "rm", stack, "--yes", "--force", cwd=top / "deploy")


def write(estate: Estate, top: Path, stack: str = STACK, **changed: Any) -> None:
    settled: dict[str, Any] = {
        "registry": {"kind": "ecr", "repository": "kept/{image}", "create": True},
        "bundles": {"bucket": BUCKET},
        "host": None,
        "services": BOTH,
        **changed,
    }
    estate.write_stack(top, stack, **settled)


def pulumi(estate: Estate, slipway: Path, *words: str, stack: str = STACK, **known: str) -> Ran:
    estate.select(stack, slipway)
    return estate.pulumi(*words, "--stack", stack, cwd=slipway, **known)


def up(estate: Estate, slipway: Path, stack: str = STACK, **known: str) -> Ran:
    return pulumi(estate, slipway, "up", "--yes", "--skip-preview", stack=stack, **known)


def loses(estate: Estate, slipway: Path) -> dict[str, Any]:
    """What `slipway loses` says, by name."""
    text = estate.run("bin/slipway", "loses", STACK, "--json", cwd=slipway).ok()
    found: dict[str, Any] = json.loads(text)
    return {**found, **{part: {each["name"] for each in found[part]}
                        for part in ("goes", "stays", "protected")}}  # fmt: skip


def test_a_service_that_is_removed_is_named_with_what_goes_and_what_stays(
    estate: Estate, slipway: Path
) -> None:
    assert "is no service" not in up(estate, slipway).ok()
    write(estate, slipway.parent, services={"backend": BACKEND})
    text = pulumi(estate, slipway, "preview").ok()
    assert "notifier is no service of this stack any more" in text
    assert f"/aws/lambda/{STACK}-notifier with its logs" in text
    assert "images and records stay" in text
    assert text.count("is no service") <= 2, "once while it runs, once in the summary"


def test_a_rename_is_told_from_a_removal_with_the_way_around_the_loss(
    estate: Estate, slipway: Path
) -> None:
    alerts = {**NOTIFIER, "image": "notifier"}
    write(estate, slipway.parent, services={"backend": BACKEND, "alerts": alerts})
    text = pulumi(estate, slipway, "preview").ok()
    assert "notifier seems to become alerts" in text
    assert "move its callers, then remove notifier" in text


def test_other_repositories_and_another_bucket_are_named_with_what_stays_behind(
    estate: Estate, slipway: Path
) -> None:
    write(
        estate,
        slipway.parent,
        registry={"kind": "ecr", "repository": "moved/{image}", "create": True},
        bundles={"bucket": f"{BUCKET}-2"},
    )
    text = pulumi(estate, slipway, "preview").ok()
    assert "backend: its images go to moved/backend from now on" in text
    assert "the repository kept/backend stays in the account with all its images" in text
    assert f"the bucket {BUCKET} stays in the account with all records and bundles" in text
    write(estate, slipway.parent)


def test_a_protected_stack_stops_before_its_data_goes(estate: Estate, slipway: Path) -> None:
    (slipway.parent / ".gitignore").write_text("deploy/Pulumi.*.yaml\n")
    release = {"images": "build", "names": ["{version}"]}
    write(estate, slipway.parent, protected=True, release=release, version="v1.0.0")
    up(estate, slipway).ok()
    told = loses(estate, slipway)
    logs = {f"/slipway/{STACK}/backend", f"/aws/lambda/{STACK}-notifier"}
    assert {"kept/backend", "kept/notifier", BUCKET, *logs} <= told["protected"]
    before = estate.counters()["api_writes"]
    # Its preview stops it. With --skip-preview Pulumi takes away what is not protected first.
    assert "protect" in pulumi(estate, slipway, "destroy", "--yes").refused()
    assert estate.counters()["api_writes"] == before
    write(estate, slipway.parent, protected=True, release=release, version="v1.0.0",
          services={"backend": BACKEND})  # fmt: skip
    text = pulumi(estate, slipway, "preview").refused()
    assert "the update stops before its logs" in text
    assert f"pulumi state unprotect <urn> --stack {STACK}" in text
    write(estate, slipway.parent)
    up(estate, slipway).ok()


def test_loses_says_what_a_destroy_then_does(estate: Estate, slipway: Path) -> None:
    calls = estate.counters()
    told = loses(estate, slipway)
    assert estate.counters() == calls, "nothing is asked of AWS"
    assert {"kept/backend", "kept/notifier", BUCKET} <= told["stays"]
    assert {f"{STACK}-notifier", f"/slipway/{STACK}/backend"} <= told["goes"]
    assert told["protected"] == set()
    text = estate.run("bin/slipway", "loses", STACK, cwd=slipway).ok()
    assert "log group, with its logs" in text
    digests, records = stored(estate)
    assert digests
    assert records
    pulumi(estate, slipway, "destroy", "--yes", "--skip-preview").ok()
    assert stored(estate) == (digests, records)
    groups = {each["logGroupName"] for each in estate.client("logs").describe_log_groups()
              ["logGroups"]}  # fmt: skip
    assert not groups & told["goes"]
    functions = estate.client("lambda").list_functions()["Functions"]
    assert [each["FunctionName"] for each in functions] == []


def stored(estate: Estate) -> tuple[set[tuple[str, str]], set[str]]:
    """Every image by repository and digest, and every object of the bucket."""
    ecr = estate.client("ecr")
    digests = {
        (name, each["imageDigest"])
        for name in ("kept/backend", "kept/notifier")
        for each in ecr.describe_images(repositoryName=name)["imageDetails"]
    }
    listed = estate.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return digests, {each["Key"] for each in listed}


def test_a_stack_made_anew_is_told_what_is_there_already(estate: Estate, slipway: Path) -> None:
    write(estate, slipway.parent, NEXT)
    before = estate.counters()
    for command in (("preview",), ("up", "--yes", "--skip-preview")):
        text = pulumi(estate, slipway, *command, stack=NEXT).refused()
        for name in ("repository kept/backend", "repository kept/notifier", f"bucket {BUCKET}"):
            assert name in text
        assert f"SLIPWAY_ADOPT=true pulumi up --stack {NEXT}" in text
        assert "create: false" in text
    after = estate.counters()
    assert [after[name] - before[name] for name in ("builds", "api_writes", "s3_writes")] == [0] * 3


def test_it_takes_them_over_once_and_uses_every_image(estate: Estate, slipway: Path) -> None:
    digests, records = stored(estate)
    builds = estate.counters()["builds"]
    pulumi(estate, slipway, "preview", stack=NEXT, SLIPWAY_ADOPT="true").ok()
    up(estate, slipway, NEXT, SLIPWAY_ADOPT="true").ok()
    assert estate.counters()["builds"] == builds, "the content is there"
    now = stored(estate)
    assert now[0] == digests
    assert now[1] > records
    writes = estate.counters()["api_writes"]
    assert "unchanged" in up(estate, slipway, NEXT).ok(), "without the wish it is its own now"
    assert estate.counters()["api_writes"] == writes
    pulumi(estate, slipway, "destroy", "--yes", "--skip-preview", stack=NEXT).ok()
    assert stored(estate) == now


def test_what_others_own_is_used_without_being_taken_over(estate: Estate, slipway: Path) -> None:
    write(
        estate,
        slipway.parent,
        NEXT,
        registry={"kind": "ecr", "repository": "kept/{image}", "create": False},
        bundles={"bucket": BUCKET, "create": False},
        services={"notifier": NOTIFIER},
    )
    builds = estate.counters()["builds"]
    up(estate, slipway, NEXT).ok()
    assert estate.counters()["builds"] == builds
    resources = yaml.safe_load(pulumi(estate, slipway, "stack", "export", stack=NEXT).ok())
    types = {each["type"] for each in resources["deployment"]["resources"]}
    assert not types & {"aws:ecr/repository:Repository", "aws:s3/bucket:Bucket"}
    pulumi(estate, slipway, "destroy", "--yes", "--skip-preview", stack=NEXT).ok()
