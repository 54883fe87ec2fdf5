"""What a stack's repositories keep, by its own file, the files beside it, and the records."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from components.documents.lifecycle import Retention
from infra.look import Look
from infra.neighbours import neighbours_of, runs_functions
from infra.promotion import Promotion
from infra.retention import retentions_of
from infra.settings import Settings, read_settings
from tests.fakes.bucket import BUCKET, FakeS3, store, use
from tests.fakes.records import record

HERE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app/shop"
NOW, BEFORE = "a" * 40, "b" * 40


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    return use(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: slipway\n")
    return tmp_path


def config(**own: object) -> dict[str, Any]:
    keys: dict[str, object] = {
        "bundles": {"bucket": BUCKET},
        "registry": {"repository": "app/{image}"},
        **own,
    }
    return {"aws:region": "eu-west-1", **{f"slipway:{k}": v for k, v in keys.items()}}


def stack(folder: Path, name: str, **own: object) -> None:
    (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump({"config": config(**own)}))


def kept(folder: Path, release_names: tuple[str, ...] = (), **own: object) -> Retention | None:
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in config(**own).items()}
    settings = read_settings("slipway", "dev", texts)
    image = SimpleNamespace(key=NOW, release_names=release_names)
    seen = cast(Look, SimpleNamespace(images={"shop": image}))
    found = retentions_of(settings, seen, Promotion(origins={}), neighbours_of(settings, folder))
    return found.get("shop")


def deployed(name: str, tag: str = BEFORE, repository: str = HERE) -> None:
    digest = "sha256:" + "1" * 64
    entry = {"repository": repository, "digest": digest, "tag": tag, "key": BEFORE}
    store().open(record(1, stack=name, images={"shop": entry}))


def test_a_stack_keeps_what_it_is_about_to_run_and_what_it_can_go_back_to(
    bucket: FakeS3, folder: Path
) -> None:
    deployed("dev")
    found = kept(folder)
    assert found == Retention(
        patterns=("latest*",),
        names={f"src-{NOW}": "runs in dev", f"src-{BEFORE}": "dev can go back to it"},
        days=90,
    )


def test_the_releases_of_another_stack_are_kept_by_their_pattern(
    bucket: FakeS3, folder: Path
) -> None:
    stack(folder, "prod", release={"images": "promote", "names": ["v{version}"]})
    deployed("prod", tag="v1.2.0")
    found = kept(folder)
    assert found is not None
    assert (found.patterns, found.held) == (("latest*", "v*.*"), "")


@pytest.mark.parametrize(
    "own",
    [
        {"registry": {"repository": "prod/{image}"}},
        {"account": "210987654321"},
        {"registry": {"kind": "registry.example:5000", "repository": "app/{image}"}},
    ],
)
def test_a_stack_with_repositories_of_its_own_is_no_neighbour(
    bucket: FakeS3, folder: Path, own: dict[str, object]
) -> None:
    stack(folder, "prod", **own)
    found = kept(folder, account="123456789012")
    assert found is not None
    assert found.held == ""


def test_nothing_with_a_name_goes_where_slipway_cannot_list_what_must_stay(
    bucket: FakeS3, folder: Path
) -> None:
    deployed("stranger", tag="v1.2.0")
    found = kept(folder)
    assert found is not None
    assert found.held == "stranger runs from this repository, and has no stack file here"
    stack(folder, "staging", registry={"repository": "app/{image}", "create": False})
    found = kept(folder, registry={"repository": "app/{image}", "keep_days": 9})
    assert found is not None
    assert (found.days, found.held[:8]) == (9, "stranger")
    bucket.objects.clear()
    found = kept(folder)
    assert found is not None
    assert found.held == "staging builds into this repository too; give it one of its own"
    (folder / "Pulumi.staging.yaml").write_text("config: {slipway:nonsense: 1}\n")
    found = kept(folder)
    assert found is not None
    assert found.held == "Pulumi.staging.yaml can't be read, and may use this repository"


def test_a_damaged_record_keeps_everything_that_has_a_name(bucket: FakeS3, folder: Path) -> None:
    deployed("dev")
    (key,) = bucket.objects
    bucket.objects[key] = b"{}"
    bucket.checksums.clear()
    found = kept(folder)
    assert found is not None
    assert found.held.startswith("a record is damaged (")


def test_who_gives_every_content_a_release_name_asks_no_record_for_it(
    bucket: FakeS3, folder: Path
) -> None:
    found = kept(folder, ("v1.2.0",), release={"names": ["v{version}"]}, version="v1.2.0")
    assert found is not None
    assert found.names == {}
    promotes = {"images": "promote", "names": ["v{version}"]}
    calls = len(bucket.calls)
    found = kept(folder, release=promotes)
    assert found == Retention(patterns=("latest*", "v*.*"), names={}, days=90)
    assert len(bucket.calls) == calls


@pytest.mark.parametrize(
    "registry",
    [
        {"repository": "app/{image}", "create": False},
        {"kind": "ecr-public", "alias": "a1b2", "repository": "app/{image}"},
    ],
)
def test_who_does_not_own_a_private_repository_says_nothing(
    bucket: FakeS3, folder: Path, registry: dict[str, object]
) -> None:
    assert kept(folder, registry=registry) is None
    assert bucket.calls == []


def test_a_function_of_any_stack_that_uses_the_image_counts() -> None:
    def one(**services: object) -> Settings:
        return cast(Settings, SimpleNamespace(services=services))

    function = SimpleNamespace(target="lambda", image="shop")
    host = SimpleNamespace(target="host", image=None)
    assert runs_functions([one(shop=host), one(other=function)], "shop")
    assert not runs_functions([one(shop=host)], "shop")
