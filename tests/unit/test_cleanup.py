"""What a release leaves behind: chosen by name alone, and never a reason to fail."""

from __future__ import annotations

from typing import Any

import pytest

from clients import ClientError
from clients.builder_cache import builder_of
from clients.docker_images import LocalImage, NoEngineError, leftovers
from clients.local_cleanup import CleanupWish, clean, survey

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
LOCAL = "127.0.0.1:4510"
AT = "@sha256:" + "1" * 64


def image(*references: str, users: tuple[str, ...] = ()) -> LocalImage:
    return LocalImage(id="sha256:1", references=references, users=users)


def chosen(*images: LocalImage) -> Any:
    return leftovers(
        images,
        repositories=[f"{HOST}/prod/api", f"{LOCAL}/prod/web"],
        names=["v1.7.0", "stable"],
        dev_repositories=[f"{HOST}/dev/api", f"{LOCAL}/dev/web"],
    )


@pytest.mark.parametrize(
    "reference",
    [
        f"{HOST}/prod/api:v1.7.0",
        f"{LOCAL}/prod/web:stable",
        f"{HOST}/dev/api:a1b2c3d",
        f"{LOCAL}/dev/web:v1.6.0",
        f"{LOCAL}/dev/web{AT}",
    ],
)
def test_the_release_and_all_of_dev_go(reference: str) -> None:
    assert chosen(image(reference)).go == (reference,)


@pytest.mark.parametrize(
    "reference",
    [
        f"{HOST}/prod/api:v1.6.0",
        f"{HOST}/prod/api{AT}",
        f"{HOST}/prod/other:v1.7.0",
        f"{HOST}/dev/api2:a1b2c3d",
        f"{HOST}/dev/api/deeper:a1b2c3d",
        "dev/api:a1b2c3d",
        "api:v1.7.0",
        "postgres:17",
        "127.0.0.1:4511/dev/web:a1b2c3d",
    ],
)
def test_all_others_are_never_touched(reference: str) -> None:
    found = chosen(image(reference))
    assert (found.go, found.stay) == ((), {})


def test_an_image_in_use_stays_and_its_users_are_named() -> None:
    found = chosen(image(f"{HOST}/dev/api:a1b2c3d", "mine:1", users=("shop", "job")))
    assert found.go == ()
    assert found.stay == {f"{HOST}/dev/api:a1b2c3d": ("shop", "job")}


def test_other_names_of_an_image_that_goes_stay() -> None:
    assert chosen(image(f"{HOST}/dev/api:a1b2c3d", "mine:1")).go == (f"{HOST}/dev/api:a1b2c3d",)


@pytest.mark.parametrize(
    ("named", "environment", "builder"),
    [
        (None, {}, "slipway"),
        (None, {"BUILDX_BUILDER": "slipway-local"}, "slipway-local"),
        ("big", {"BUILDX_BUILDER": "other"}, "big"),
        (None, {"BUILDX_BUILDER": "other"}, None),
        (None, {"BUILDX_BUILDER": "slipways"}, None),
    ],
)
def test_only_our_builders_cache_is_bounded(
    named: str | None, environment: dict[str, str], builder: str | None
) -> None:
    assert builder_of(named, environment) == builder


class FakeEngine:
    """An engine with two images of dev, of which one can't be removed."""

    removed: tuple[str, ...] = ()

    def images(self) -> list[LocalImage]:
        return [image(f"{HOST}/dev/api:1"), image(f"{HOST}/dev/api:2")]

    def remove(self, reference: str) -> bool:
        if reference.endswith(":1"):
            raise ClientError("removing it: conflict")
        FakeEngine.removed += (reference,)
        return True


WISH = CleanupWish(
    repositories=(), dev_repositories=(f"{HOST}/dev/api",), names=(), cache_gb=10, builder="big"
)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> type[FakeEngine]:
    FakeEngine.removed = ()
    monkeypatch.setattr("clients.local_cleanup.DockerImages", FakeEngine)
    monkeypatch.setattr("clients.local_cleanup.bound_cache", lambda *_: "2.5GB")
    return FakeEngine


def no_engine() -> None:
    raise NoEngineError("no Docker engine answers here: refused")


def test_one_image_that_can_not_be_removed_does_not_stop_the_others(
    engine: type[FakeEngine],
) -> None:
    cleaned = clean(WISH)
    assert cleaned.removed == (f"{HOST}/dev/api:2",)
    assert cleaned.failures == ("removing it: conflict",)
    assert cleaned.cache == "2.5GB"


def test_a_survey_removes_nothing(engine: type[FakeEngine]) -> None:
    assert survey(WISH).removed == (f"{HOST}/dev/api:1", f"{HOST}/dev/api:2")
    assert engine.removed == ()


def test_no_engine_is_a_note_and_no_failure(
    engine: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clients.local_cleanup.DockerImages", no_engine)
    for cleaned in (clean(WISH), survey(WISH)):
        assert cleaned.failures == ()
        assert "no Docker engine answers here" in cleaned.notes[0]
