"""Image: looked up, built when missing, named, never deleted. Registry and builder are fakes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from clients import ClientError
from clients.git import Checkout, checkout, read_tree
from clients.registry import Manifest, RegistryError
from clients.registry_http import Tally
from provider.image import ImageResource
from provider.resource import Call, Old
from provider.wire import UNKNOWN
from release.record import ImageEntry
from tests.fakes.lines import Lines
from tests.unit.test_builder_context import commit, repository

REPOSITORY = "127.0.0.1:4510/dev/shop"
KEY = "ab" * 20
SRC = f"src-{KEY}"
RECORD = "20261121T071225Z-7d2a1b0-0a1b2c"
D1, D2 = ("sha256:" + letter * 64 for letter in "12")


class FakeKeychain:
    def ecr_region(self, host: str) -> None:
        return None


class FakeRegistry:
    """A registry in memory whose content names can't be overwritten."""

    repository, host, path = REPOSITORY, "127.0.0.1:4510", "dev/shop"
    keychain = FakeKeychain()

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.puts: list[str] = []
        self.heads = 0

    def head(self, reference: str) -> str | None:
        self.heads += 1
        return self.names.get(reference)

    def get(self, reference: str) -> Manifest:
        return Manifest(b"", "type", reference)

    def put(self, manifest: Manifest, name: str) -> None:
        if name in self.names and not name.startswith("latest"):
            raise RegistryError("immutable", "TAG_INVALID", 400)
        self.names[name] = manifest.digest
        self.puts.append(name)

    def tags(self, limit: int = 1000) -> list[str]:
        return list(self.names)

    def all_tags(self) -> list[str]:
        return list(self.names)

    def counted(self, tally: Tally) -> FakeRegistry:
        return self


class FakeBuilder:
    def __init__(self, digest: str = D1) -> None:
        self.digest = digest
        self.builds: list[str] = []
        self.fresh: list[bool] = []

    def build(self, at: object, request: Any, show: Any, cancelled: object) -> str:
        self.builds.append(request.image)
        self.fresh.append(request.fresh)
        show("[1/1] COPY")
        return self.digest


class FakeDeployment:
    """Counts; `held` is the message of a refusal."""

    held: str | None = None

    def __init__(self) -> None:
        self.noted: dict[str, ImageEntry] = {}

    def refuse_if_held(self, version: str | None) -> None:
        if self.held:
            raise ClientError(self.held)

    def begin(self, version: str | None = None) -> str:
        return RECORD

    def record_of(self, version: str) -> None:
        return None

    def note_image(self, image: str, entry: ImageEntry) -> None:
        self.noted[image] = entry


class FakeConfigured:
    max_builds = 2
    guard = None
    keychain = FakeKeychain()
    work: Path | None = None

    @property
    def checkout(self) -> Checkout:
        nowhere = Path("/nonexistent")
        if self.work is None:
            return Checkout(
                top=nowhere, common=nowhere, index=nowhere, commit="0" * 40, shallow=False
            )
        return checkout(self.work)

    def __init__(self) -> None:
        self.store = FakeRegistry()
        self.builder = FakeBuilder()
        self.deployment = FakeDeployment()

    def registry(self, repository: str) -> FakeRegistry:
        return self.store

    @contextmanager
    def build_slot(self, cancelled: object, on_wait: object) -> Iterator[None]:
        yield


class Bench:
    """The resource with its fakes."""

    def __init__(self) -> None:
        self.world = FakeConfigured()
        self.lines = Lines()
        self.resource = ImageResource(self.world)  # type: ignore[arg-type]
        self.call = Call("urn", self.lines, threading.Event())

    @property
    def builds(self) -> list[str]:
        return self.world.builder.builds

    @property
    def names(self) -> dict[str, str]:
        return self.world.store.names

    def up(self, wanted: dict[str, Any], old: Old | None = None) -> Old:
        outputs = self.resource.settle(self.call, wanted, old, False)[1]
        return Old(inputs=wanted, outputs=outputs)

    def preview(self, wanted: dict[str, Any], old: Old | None = None) -> Any:
        return self.resource.settle(self.call, wanted, old, True)[1]

    def diff(self, old: Old, wanted: dict[str, Any]) -> Any:
        return self.resource.diff(self.call, old, wanted)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def inputs(**more: Any) -> dict[str, Any]:
    return {
        "image": "shop",
        "repository": REPOSITORY,
        "key": KEY,
        "tree": "c" * 40,
        "context": "services/shop",
        "dockerfile": "services/shop/Dockerfile",
        "build_names": ["abc1234"],
        "changed": ["services/shop/app.py"],
        **more,
    }


def test_a_missing_image_is_built_and_gets_its_content_name_and_build_names(bench: Bench) -> None:
    made = bench.up(inputs())
    assert bench.builds == ["shop"]
    assert bench.names == {SRC: D1, "abc1234": D1}
    assert made.outputs == {
        "digest": D1,
        "tag": "abc1234",
        "ref": f"{REPOSITORY}:abc1234@{D1}",
        "uri": f"{REPOSITORY}@{D1}",
        "deployment": RECORD,
        "reason": "services/shop/app.py changed",
    }


def test_what_was_made_or_found_is_noted_for_the_record_of_an_update_that_fails(
    bench: Bench,
) -> None:
    bench.preview(inputs())
    assert bench.world.deployment.noted == {}
    made = bench.up(inputs()).outputs
    noted = bench.world.deployment.noted["shop"]
    assert (noted.digest, noted.tag) == (made["digest"], made["tag"]) == (D1, "abc1234")
    assert (noted.repository, noted.key, noted.deployment) == (REPOSITORY, KEY, RECORD)


def test_an_image_that_is_there_is_not_built_and_keeps_its_names(bench: Bench) -> None:
    bench.names.update({SRC: D1, "0ld": D1})
    made = bench.up(inputs())
    assert bench.builds == []
    assert bench.world.store.puts == []
    assert made.outputs["tag"] == "0ld"


def test_a_new_commit_with_the_same_content_is_no_diff(bench: Bench) -> None:
    old = bench.up(inputs())
    news = inputs(tree="d" * 40, commit="e" * 40, build_names=["def5678"], changed=[])
    bench.world.store.heads = 0
    diff = bench.diff(old, news)
    assert (diff.changed, diff.replaced) == ([], [])
    assert bench.world.store.heads == 1


@pytest.mark.parametrize(
    "change",
    [{"key": "cd" * 20}, {"release_names": ["v1"]}, {"movable_names": ["latest"]}],
)
def test_another_key_or_other_names_are_a_diff(bench: Bench, change: dict[str, Any]) -> None:
    old = bench.up(inputs())
    assert bench.diff(old, inputs(**change)).changed == list(change)


def test_another_repository_replaces(bench: Bench) -> None:
    old = bench.up(inputs())
    assert bench.diff(old, inputs(repository="127.0.0.1:4510/b")).replaced == ["repository"]


def test_a_preview_writes_nothing_and_knows_a_digest_that_is_there(bench: Bench) -> None:
    bench.names.update({SRC: D1, "0ld": D1})
    found = bench.preview(inputs(release_names=["v1"], movable_names=["latest"]))
    assert found["ref"] == f"{REPOSITORY}:v1@{D1}"
    assert bench.world.store.puts == []
    assert bench.builds == []


def test_a_preview_of_a_missing_image_is_unknown_and_says_why(bench: Bench) -> None:
    found = bench.preview(inputs())
    assert {found[name] for name in ("digest", "tag", "ref", "uri")} == {UNKNOWN}
    assert bench.lines.facts == ["shop: will be built because services/shop/app.py changed"]
    assert bench.builds == []


def test_a_preview_before_the_repository_is_made_says_so(bench: Bench) -> None:
    assert bench.preview(inputs(repository=UNKNOWN))["digest"] == UNKNOWN
    assert bench.lines.facts == ["shop: will be built because its repository is not made yet"]


def test_the_reason_names_the_file_that_changed_since_the_last_update(
    bench: Bench, tmp_path: Path
) -> None:
    files = {"services/shop/app.py": "1", "services/shop/b.py": "1", "other/c.py": "1"}
    bench.world.work = repository(tmp_path, files)
    before = read_tree(checkout(tmp_path)).tree
    commit(tmp_path, {"services/shop/b.py": "2", "other/c.py": "2"})
    after = read_tree(checkout(tmp_path)).tree
    bench.names[SRC] = D1
    old = bench.up(inputs(tree=before))
    bench.preview(inputs(tree=after, key="cd" * 20), old)
    assert bench.lines.facts[-1] == "shop: will be built because services/shop/b.py changed"


def test_the_reason_names_arguments_when_no_file_changed(bench: Bench) -> None:
    old = bench.up(inputs(changed=[]))
    bench.preview(inputs(key="cd" * 20, changed=[], build_args={"A": "2"}), old)
    assert bench.lines.facts[-1] == "shop: will be built because build args changed"


def test_long_lists_of_files_are_cut(bench: Bench) -> None:
    files: Sequence[str] = [f"services/shop/{n}" for n in range(5)]
    bench.preview(inputs(changed=files))
    assert bench.lines.facts[-1].endswith("services/shop/2 and 2 more changed")
