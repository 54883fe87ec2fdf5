"""Versions from the registry: content gets the next one once, whoever else is at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clients.registry import Manifest, RegistryError
from provider.image_version import VersionRaceError
from tests.scratch_repository import Repository
from tests.unit.test_provider_image import D1, D2, SRC, Bench, inputs

TEMPLATES = ["{version}", "{version}-{short_sha}"]


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    work = Repository(tmp_path / "monorepo")
    change(work, "services/shop/app.py", "the shop")
    return work


def change(work: Repository, path: str, message: str) -> None:
    work.write(path, message)
    work.commit(message)


@pytest.fixture
def bench(work: Repository) -> Bench:
    bench = Bench()
    bench.world.work = work.top
    return bench


def wanted(work: Repository, **more: Any) -> dict[str, Any]:
    names = {"version_names": TEMPLATES, "build_names": [], "commit": work.head()}
    return inputs(**{**names, **more})


def test_the_first_version_is_0_1_0_and_its_names_come_with_it(
    bench: Bench, work: Repository
) -> None:
    made = bench.up(wanted(work))
    assert set(bench.names) == {SRC, "0.1.0", f"0.1.0-{work.head()[:7]}"}
    assert made.outputs["tag"] == "0.1.0"


def test_the_same_content_keeps_its_version(bench: Bench, work: Repository) -> None:
    bench.up(wanted(work))
    puts = list(bench.world.store.puts)
    again = bench.up(wanted(work))
    assert again.outputs["tag"] == "0.1.0"
    assert bench.world.store.puts == puts


def test_messages_since_the_last_version_decide(bench: Bench, work: Repository) -> None:
    first = work.head()[:7]
    bench.names.update({"0.9.0": D2, f"0.9.0-{first}": D2})
    change(work, "services/shop/app.py", "search [minor]")
    change(work, "README.md", "elsewhere [major]")
    bench.up(wanted(work))
    assert bench.names["0.10.0"] == D1
    assert "minor after 0.9.0, by the messages of its commits" in bench.lines.facts[-1]


def test_a_wish_goes_before_the_messages(bench: Bench, work: Repository) -> None:
    bench.names.update({"1.2.3": D2})
    bench.up(wanted(work, bump="major"))
    assert bench.names["2.0.0"] == D1


def test_without_the_commit_of_the_last_version_the_bump_has_to_be_said(
    bench: Bench, work: Repository
) -> None:
    bench.names.update({"1.2.3": D2})
    with pytest.raises(Exception, match="Say the bump"):
        bench.up(wanted(work))
    assert "1.2.4" not in bench.names


def test_a_history_that_was_cut_off_is_refused(bench: Bench, work: Repository) -> None:
    bench.names.update({"1.2.3": D2, "1.2.3-abcdef0": D2})
    with pytest.raises(Exception, match="abcdef0"):
        bench.up(wanted(work))
    assert "1.2.4" not in bench.names


def test_a_new_version_can_be_had_for_content_that_did_not_change(
    bench: Bench, work: Repository
) -> None:
    old = bench.up(wanted(work))
    assert not bench.diff(old, wanted(work)).changed
    assert not bench.diff(old, wanted(work, bump="minor")).changed, "a bump alone asks for nothing"
    again = wanted(work, new_version=True, bump="minor")
    assert bench.diff(old, again).changed == ["new_version"]
    assert bench.up(again).outputs["tag"] == "0.2.0"
    assert bench.builds == ["shop"], "built once"


def test_a_preview_tells_the_next_version_and_gives_none(bench: Bench, work: Repository) -> None:
    bench.names.update({SRC: D1, "1.0.0": D2, f"1.0.0-{work.head()[:7]}": D2})
    shown = bench.preview(wanted(work))
    assert shown["tag"] == "1.0.1"
    assert "shop: will be 1.0.1" in bench.lines.facts[0]
    assert bench.world.store.puts == []


def test_of_two_runs_the_second_takes_the_next_version(
    bench: Bench, work: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = bench.world.store
    put = store.put

    def other_is_first(manifest: Manifest, name: str) -> None:
        if name == "0.1.0" and name not in store.names:
            store.names |= {"0.1.0": D2, f"0.1.0-{work.head()[:7]}": D2}
            raise RegistryError("immutable", "TAG_INVALID", 400)
        put(manifest, name)

    monkeypatch.setattr(store, "put", other_is_first)
    made = bench.up(wanted(work, bump="patch"))
    assert made.outputs["tag"] == "0.1.1"
    assert (store.names["0.1.0"], store.names["0.1.1"]) == (D2, D1)


def test_a_race_without_end_ends(
    bench: Bench, work: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = bench.world.store

    def always_late(manifest: Manifest, name: str) -> None:
        if name.startswith("src-"):
            store.names[name] = manifest.digest
            return
        store.names[name] = D2
        raise RegistryError("immutable", "TAG_INVALID", 400)

    monkeypatch.setattr(store, "put", always_late)
    with pytest.raises(VersionRaceError, match="in a row were taken"):
        bench.up(wanted(work, bump="patch"))
    assert D1 not in {d for name, d in store.names.items() if not name.startswith("src-")}
