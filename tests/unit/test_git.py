"""The client of git, against real repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from clients.git import GitError, checkout, read_files, read_tree
from tests.scratch_repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def test_a_clean_tree_has_the_id_that_git_gives_it(repository: Repository) -> None:
    tree = read_tree(checkout(repository.top))
    assert tree.tree == repository.git("rev-parse", "HEAD^{tree}").strip()
    assert tree.uncommitted == frozenset()


def test_untracked_files_count_and_ignored_ones_do_not(repository: Repository) -> None:
    repository.write("services/api/new.py", "new\n")
    repository.write("services/api/noise.log", "noise\n")
    tree = read_tree(checkout(repository.top))
    assert tree.uncommitted == {"services/api/new.py"}
    assert "services/api/noise.log" not in tree.ids


@pytest.mark.fault(33, "a file's mode alone changes")
def test_a_mode_change_counts_and_a_new_time_does_not(repository: Repository) -> None:
    file = repository.top / "services/api/Dockerfile"
    os.utime(file, (1, 1))
    before = read_tree(checkout(repository.top))
    file.chmod(0o755)
    after = read_tree(checkout(repository.top))
    assert before.uncommitted == frozenset()
    assert before.ids["services/api"] != after.ids["services/api"]


def test_the_umask_of_a_checkout_does_not_change_the_tree(repository: Repository) -> None:
    before = read_tree(checkout(repository.top)).tree
    (repository.top / "services/api/Dockerfile").chmod(0o600)
    assert read_tree(checkout(repository.top)).tree == before


def test_looking_changes_neither_the_index_nor_the_objects_of_git(repository: Repository) -> None:
    repository.write("services/api/new.py", "new\n")

    def state() -> tuple[bytes, str, str]:
        index = (repository.top / ".git/index").read_bytes()
        return index, repository.git("status", "--porcelain"), repository.git("count-objects", "-v")

    before = state()
    tree = read_tree(checkout(repository.top))
    assert state() == before
    at = checkout(repository.top)
    assert read_files(at, [tree.ids["services/api/new.py"]]) == {
        tree.ids["services/api/new.py"]: "new\n"
    }


def test_changes_are_told_against_where_the_branch_left_main(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--create", "feature")
    repository.write("services/api/app.py", "1\n")
    repository.commit("app")
    repository.git("switch", "--quiet", "main")
    repository.write("elsewhere", "on main\n")
    repository.commit("main goes on")
    repository.git("switch", "--quiet", "feature")
    assert read_tree(checkout(repository.top)).changed == frozenset({"services/api/app.py"})


@pytest.mark.fault(33, "a file is deleted or renamed")
def test_a_deleted_and_a_renamed_file_are_changes(repository: Repository) -> None:
    repository.write("services/api/a.py", "long enough to be seen as a rename\n" * 9)
    repository.commit("a")
    repository.git("mv", "services/api/a.py", "services/api/b.py")
    assert read_tree(checkout(repository.top)).uncommitted == {
        "services/api/a.py",
        "services/api/b.py",
    }


@pytest.mark.fault(32, "no branch main")
def test_without_main_changes_are_unknown_and_not_none(repository: Repository) -> None:
    repository.git("branch", "--move", "trunk")
    assert read_tree(checkout(repository.top)).changed is None
    assert read_tree(checkout(repository.top), "trunk").changed == frozenset()


@pytest.mark.fault(32, "a clone of depth 1")
def test_a_shallow_clone_says_so_and_has_the_same_ids(
    repository: Repository, tmp_path: Path
) -> None:
    repository.write("more", "more\n")
    repository.commit("second")
    clone = tmp_path / "clone"
    argv = ["git", "clone", "--quiet", "--depth", "1", f"file://{repository.top}", str(clone)]
    subprocess.run(argv, check=True)
    at = checkout(clone)
    assert at.shallow
    assert read_tree(at).ids == read_tree(checkout(repository.top)).ids


@pytest.mark.fault(32, "a second work tree")
def test_a_work_tree_beside_the_first_is_read_as_itself(
    repository: Repository, tmp_path: Path
) -> None:
    repository.git("worktree", "add", "--quiet", str(tmp_path / "beside"), "-b", "beside")
    (tmp_path / "beside/services/api/only-here").write_text("x")
    at = checkout(tmp_path / "beside/services")
    assert at.top == tmp_path / "beside"
    assert read_tree(at).uncommitted == {"services/api/only-here"}


@pytest.mark.fault(30, "a command in a file's name")
def test_hostile_file_names_are_only_names(repository: Repository) -> None:
    repository.write("services/api/$(touch pwned)\n-rf", "x")
    tree = read_tree(checkout(repository.top))
    assert tree.uncommitted == {"services/api/$(touch pwned)\n-rf"}
    assert not (repository.top / "pwned").exists()


def test_outside_of_a_repository_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="is not in a git repository"):
        checkout(tmp_path)


def test_a_repository_without_a_commit_is_one_clear_message(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    with pytest.raises(GitError, match="has no commit yet"):
        checkout(tmp_path)
