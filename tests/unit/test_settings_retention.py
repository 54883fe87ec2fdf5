"""Settings of repositories and bucket: what belongs where, and what ECR Public doesn't have."""

from __future__ import annotations

import pytest

from tests.unit.test_settings import refusal, settings

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1a2b3c4d-0000-1111-2222-333344445555"


def test_builds_go_after_ninety_days_and_ten_ways_back_stay() -> None:
    registry = settings().registry

    assert (registry.keep_days, registry.keep_images, registry.kms_key) == (90, 10, None)
    assert settings(registry={"keep_days": 0}).registry.keep_days == 0


@pytest.mark.parametrize(
    "key",
    [{"keep_days": 30}, {"keep_images": 3}, {"kms_key": KEY}, {"readers": ["123456789012"]}],
)
@pytest.mark.parametrize("kind", ["ecr-public", "registry.example:5000"])
def test_what_private_ecr_alone_has_is_refused_elsewhere(key: dict[str, object], kind: str) -> None:
    alias = {"alias": "a1b2c3d4"} if kind == "ecr-public" else {}
    told = refusal(registry={"kind": kind, **alias, **key})

    assert f"`{next(iter(key))}` is for private ECR, and `kind` is {kind}" in told


@pytest.mark.parametrize("key", [{"keep_days": 30}, {"keep_images": 3}, {"kms_key": KEY}])
def test_who_does_not_make_the_repositories_does_not_say_what_they_keep(
    key: dict[str, object],
) -> None:
    told = refusal(registry={"create": False, **key})

    assert f"`{next(iter(key))}` belongs to the stack that makes the repositories" in told


@pytest.mark.parametrize("bad", ["alias/mine", "arn:aws:kms:eu-west-1:1:key/x", KEY + "*"])
def test_a_key_is_told_by_its_whole_arn(bad: str) -> None:
    assert "registry.kms_key" in refusal(registry={"kms_key": bad})
    assert "bundles.kms_key" in refusal(bundles={"bucket": "deploys", "kms_key": bad})


@pytest.mark.parametrize("key", [{"kms_key": KEY}, {"access_log": "logs"}])
def test_who_does_not_make_the_bucket_does_not_guard_it(key: dict[str, object]) -> None:
    told = refusal(bundles={"bucket": "deploys", "create": False, **key})

    assert f"`{next(iter(key))}` belongs to the stack that makes the bucket" in told


def test_a_bucket_does_not_log_itself() -> None:
    assert "would log itself" in refusal(bundles={"bucket": "deploys", "access_log": "deploys"})
