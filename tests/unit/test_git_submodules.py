"""Repositories within the repository, and files whose content lies elsewhere (Git LFS)."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from clients.builder_context import ContextSource, build_context
from clients.builder_tree import ContextError
from clients.git import GitError, checkout, read_tree
from release.plan import Tree
from tests.scratch_repository import Repository

VENDORED = "services/api/vendored"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture
def vendored(repository: Repository, tmp_path: Path) -> Path:
    """A submodule in the context of an image; its folder."""
    other = Repository(tmp_path / "other")
    allow = ["-c", "protocol.file.allow=always"]
    repository.git(*allow, "submodule", "add", "--quiet", str(other.top), VENDORED)
    repository.commit("submodule")
    return repository.top / VENDORED


def seen(repository: Repository) -> Tree:
    return read_tree(checkout(repository.top))


def content(repository: Repository, path: str) -> bytes:
    at = checkout(repository.top)
    folder = "services/api"
    tree = read_tree(at).tree
    source = ContextSource(tree=tree, context=folder, dockerfile=f"{folder}/Dockerfile")
    context = build_context(at, source)
    with context.tar, tarfile.open(fileobj=context.tar) as tar:
        file = tar.extractfile(path)
        assert file is not None
        return file.read()


def test_a_clean_submodule_is_no_change(repository: Repository, vendored: Path) -> None:
    assert seen(repository).uncommitted == frozenset()


@pytest.mark.parametrize("ignore", [None, "all", "dirty"])
@pytest.mark.parametrize("edit", ["services/api/Dockerfile", "new-file"])
def test_an_edit_inside_of_a_submodule_is_uncommitted(
    repository: Repository, vendored: Path, edit: str, ignore: str | None
) -> None:
    if ignore:
        repository.git("config", f"submodule.{VENDORED}.ignore", ignore)
    (vendored / edit).write_text("edited\n")
    assert seen(repository).uncommitted == {VENDORED}


@pytest.mark.fault(32, "a submodule moves")
def test_another_commit_of_a_submodule_is_another_key(
    repository: Repository, vendored: Path
) -> None:
    before = seen(repository)
    (vendored / "new").write_text("new\n")
    repository.git("-C", VENDORED, "add", "--all")
    repository.git("-C", VENDORED, "commit", "--quiet", "--message", "new")
    after = seen(repository)
    assert after.uncommitted == {VENDORED}
    assert after.ids["services/api"] != before.ids["services/api"]


def test_a_submodule_that_was_never_fetched_has_the_same_key(
    repository: Repository, vendored: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", str(repository.top), str(clone))
    assert read_tree(checkout(clone)).ids == seen(repository).ids


def test_a_repository_that_is_no_submodule_is_seen_and_never_built_without_its_files(
    repository: Repository,
) -> None:
    Repository(repository.top / "services/api/nested")
    assert seen(repository).uncommitted == {"services/api/nested"}
    with pytest.raises(ContextError, match="services/api/nested is a submodule"):
        content(repository, "Dockerfile")


@pytest.mark.parametrize("ignore_errors", ["false", "true"])
def test_a_repository_without_a_commit_inside_is_named(
    repository: Repository, ignore_errors: str
) -> None:
    repository.git("config", "add.ignoreErrors", ignore_errors)
    repository.git("init", "--quiet", "services/api/nested")
    repository.write("services/api/nested/file", "x")
    with pytest.raises(GitError, match=r"services/api/nested[\s\S]*commit"):
        seen(repository)


BIG = b"the real content\n" * 99


def pointer() -> str:
    oid = hashlib.sha256(BIG).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(BIG)}\n"


def lfs_object(repository: Repository) -> Path:
    oid = hashlib.sha256(BIG).hexdigest()
    return repository.top / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid


@pytest.mark.fault(32, "an LFS pointer without its content")
def test_a_pointer_whose_content_was_not_fetched_is_refused(repository: Repository) -> None:
    repository.write("services/api/model.bin", pointer())
    with pytest.raises(ContextError, match=r"model\.bin is a Git LFS pointer.*`git lfs pull`"):
        content(repository, "model.bin")


def test_a_pointer_whose_content_was_fetched_is_built_of_that_content(
    repository: Repository,
) -> None:
    repository.write("services/api/model.bin", pointer())
    lfs_object(repository).parent.mkdir(parents=True)
    lfs_object(repository).write_bytes(BIG)
    assert content(repository, "model.bin") == BIG


def test_content_that_does_not_fit_its_pointer_is_refused(repository: Repository) -> None:
    repository.write("services/api/model.bin", pointer())
    lfs_object(repository).parent.mkdir(parents=True)
    lfs_object(repository).write_bytes(BIG[:-1])
    with pytest.raises(ContextError, match=r"model\.bin.*damaged.*`git lfs fsck`"):
        content(repository, "model.bin")


def test_the_key_is_the_same_with_and_without_the_real_content(
    repository: Repository, tmp_path: Path
) -> None:
    """With the filter of git-lfs, a file on disk is its pointer in git."""
    repository.write("services/api/model.bin", pointer())
    repository.write(".gitattributes", "*.bin filter=lfs -text\n")
    repository.commit("pointer")
    before = seen(repository)
    clean = tmp_path / "clean"
    clean.write_text(f"#!/bin/sh\ncat >/dev/null\ncat <<'EOF'\n{pointer()}EOF\n")
    clean.chmod(0o755)
    repository.git("config", "filter.lfs.clean", str(clean))
    (repository.top / "services/api/model.bin").write_bytes(BIG)
    assert seen(repository) == before


def test_a_filter_that_is_configured_but_not_installed_is_an_error(
    repository: Repository,
) -> None:
    repository.write(".gitattributes", "*.bin filter=lfs -text\n")
    repository.git("config", "filter.lfs.clean", "no-such-filter clean -- %f")
    repository.git("config", "filter.lfs.required", "true")
    repository.write("services/api/model.bin", "real")
    with pytest.raises(GitError, match=r"model\.bin.*lfs.*failed"):
        seen(repository)
