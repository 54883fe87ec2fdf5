"""Where git would rather say "nothing changed": flags, submodules, hooks, odd names, odd clones."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

from clients.builder_context import ContextSource, build_context
from clients.builder_tree import ContextError
from clients.git import Checkout, GitError, checkout, read_tree
from release.plan import Tree
from tests.scratch_repository import Repository

APP = "services/api/app.py"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.write(APP, "1\n")
    made.write("services/web/Dockerfile", "FROM scratch\n")
    made.commit("app")
    return made


def seen(repository: Repository) -> Tree:
    return read_tree(checkout(repository.top))


def committed(repository: Repository) -> str:
    return repository.git("rev-parse", "HEAD^{tree}").strip()


def as_if_committed(repository: Repository, tmp_path: Path) -> str:
    """The tree that a fresh clone has after the same files were committed there."""
    clone = tmp_path / "fresh"
    repository.git("clone", "--quiet", str(repository.top), str(clone))
    for path in clone.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in repository.top.iterdir():
        if path.name != ".git":
            put = shutil.copytree if path.is_dir() else shutil.copy2
            put(path, clone / path.name)
    argv = ["git", "-C", str(clone), "add", "--all"]
    subprocess.run(argv, check=True, env=repository.environment)
    argv = ["git", "-C", str(clone), "write-tree"]
    done = subprocess.run(argv, check=True, env=repository.environment, capture_output=True)
    return done.stdout.decode().strip()


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_an_edit_counts_though_git_was_told_not_to_look(repository: Repository, flag: str) -> None:
    repository.git("update-index", flag, APP)
    repository.write(APP, "2\n")
    assert repository.git("status", "--porcelain") == ""
    assert seen(repository).uncommitted == {APP}
    assert repository.git("ls-files", "-v", APP)[0] in "hS", "the flag itself stays"


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_deletion_counts_though_git_was_told_not_to_look(
    repository: Repository, flag: str
) -> None:
    repository.git("update-index", flag, APP)
    (repository.top / APP).unlink()
    assert seen(repository).uncommitted == {APP}


def test_a_hidden_edit_in_the_second_of_the_commit_counts(repository: Repository) -> None:
    """git compares whole seconds: what it remembers of such a file proves nothing."""
    time.sleep(1 - time.time() % 1)
    repository.write(APP, "3\n")
    repository.commit("three")
    repository.write(APP, "4\n")
    repository.git("update-index", "--assume-unchanged", APP)
    time.sleep(1.1)
    repository.write("other", "x")
    repository.git("add", "other")
    repository.git("commit", "--quiet", "--message", "other")
    assert seen(repository).uncommitted == {APP}


def test_a_flag_on_a_hostile_name_is_taken_off_too(repository: Repository) -> None:
    name = "services/api/a\n'b\" $(id)"
    repository.write(name, "1\n")
    repository.commit("odd")
    repository.git("update-index", "--assume-unchanged", name)
    repository.write(name, "2\n")
    assert seen(repository).uncommitted == {name}


@pytest.mark.parametrize("kind", [["--cone", "--sparse-index"], ["--cone"], ["--no-cone"]])
def test_what_a_sparse_checkout_leaves_out_keeps_its_id(
    repository: Repository, kind: list[str]
) -> None:
    whole = seen(repository)
    repository.git("sparse-checkout", "set", *kind, "services/api")
    assert not (repository.top / "services/web").exists()
    assert seen(repository) == whole


def test_a_file_beside_a_sparse_checkout_counts(repository: Repository) -> None:
    repository.git("sparse-checkout", "set", "--cone", "services/api")
    repository.write("services/web/Dockerfile", "FROM other\n")
    repository.write("services/web/new", "new\n")
    assert seen(repository).uncommitted == {"services/web/Dockerfile", "services/web/new"}


def test_a_split_index_is_read_and_left_alone(repository: Repository) -> None:
    repository.git("update-index", "--split-index")
    repository.git("config", "core.splitIndex", "true")
    repository.git("config", "splitIndex.maxPercentChange", "0")
    repository.write(APP, "2\n")
    before = sorted(path.name for path in (repository.top / ".git").iterdir())
    assert any(name.startswith("sharedindex.") for name in before)
    assert seen(repository).uncommitted == {APP}
    after = {path.name for path in (repository.top / ".git").iterdir()}
    assert after == {*before, "slipway-objects"}


def test_an_intent_to_add_is_a_file_with_its_content(
    repository: Repository, tmp_path: Path
) -> None:
    repository.write("services/api/new.py", "new\n")
    repository.git("add", "--intent-to-add", "services/api/new.py")
    assert seen(repository).uncommitted == {"services/api/new.py"}
    assert seen(repository).tree == as_if_committed(repository, tmp_path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("core.ignoreStat", "true"),
        ("core.untrackedCache", "true"),
        ("core.safecrlf", "true"),
        ("diff.ignoreSubmodules", "all"),
        ("status.showUntrackedFiles", "no"),
        ("core.quotePath", "true"),
    ],
)
def test_a_person_s_configuration_hides_nothing(
    repository: Repository, key: str, value: str
) -> None:
    repository.git("config", key, value)
    repository.git("config", "core.autocrlf", "input")
    repository.git("checkout", "--quiet", "HEAD", "--", ".")
    repository.write(APP, "2\r\n")
    repository.write("services/api/ä.py", "new\n")
    assert seen(repository).uncommitted == {APP, "services/api/ä.py"}


def test_a_file_system_monitor_that_sees_nothing_is_not_asked(repository: Repository) -> None:
    blind = repository.write(".git/blind", "#!/bin/sh\nprintf 'token\\0'\n")
    blind.chmod(0o755)
    repository.git("config", "core.fsmonitor", str(blind))
    repository.git("config", "core.fsmonitorHookVersion", "2")
    repository.git("update-index", "--fsmonitor")
    repository.git("status")
    repository.write(APP, "2\n")
    assert repository.git("status", "--porcelain") == "", "the monitor does hide it from git"
    assert seen(repository).uncommitted == {APP}


def test_a_lock_that_another_git_holds_is_no_obstacle(repository: Repository) -> None:
    repository.write(APP, "2\n")
    lock = repository.write(".git/index.lock", "")
    assert seen(repository).uncommitted == {APP}
    assert lock.exists()


@pytest.mark.parametrize(
    "name", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"]
)
def test_the_environment_of_a_hook_leads_nowhere_else(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    repository.write(APP, "2\n")
    before, at = seen(repository), checkout(repository.top)
    other = Repository(tmp_path / "other")
    values = {
        "GIT_DIR": ".git",
        "GIT_INDEX_FILE": "index",
        "GIT_WORK_TREE": ".",
        "GIT_OBJECT_DIRECTORY": ".git/objects",
        "GIT_PREFIX": "services",
    }
    monkeypatch.setenv(name, str(other.top / values[name]))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    assert checkout(repository.top) == at
    assert seen(repository) == before


def test_inside_of_a_commit_hook_the_key_is_that_of_the_work_tree(repository: Repository) -> None:
    repository.write(APP, "2\n")
    expected = seen(repository).tree
    project = Path(__file__).resolve().parents[2]
    told = repository.top.parent / "told"
    hook = repository.write(
        ".git/hooks/pre-commit",
        f"#!/bin/sh\ncd {project} && .venv/bin/python -c 'from pathlib import Path\n"
        f"from clients.git import checkout, read_tree\n"
        f'print(read_tree(checkout(Path("{repository.top}"))).tree)\' > {told}\n',
    )
    hook.chmod(0o755)
    repository.git("commit", "--quiet", "--message", "partly", "--", APP)
    assert told.read_text().strip() == expected


def test_a_repository_of_somebody_else_is_refused_with_the_way_out(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    with pytest.raises(GitError, match=r"belongs to another user[\s\S]*safe\.directory"):
        checkout(repository.top)


def test_a_bare_repository_is_one_clear_message(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "--quiet", "--bare", str(repository.top), str(tmp_path / "bare.git"))
    with pytest.raises(GitError, match="without a work tree"):
        checkout(tmp_path / "bare.git")


def test_a_folder_with_a_line_break_is_one_clear_message(tmp_path: Path) -> None:
    odd = Repository(tmp_path / "a\nb")
    with pytest.raises(GitError, match="holds a line break"):
        checkout(odd.top)


@pytest.mark.parametrize("folder", ["a:b", 'a "b"', "a\\b", "ä\u2028b", "-x"])
def test_the_folder_of_the_repository_may_have_any_other_name(tmp_path: Path, folder: str) -> None:
    odd = Repository(tmp_path / folder)
    odd.write("services/api/new", "new\n")
    at = checkout(odd.top)
    tree = read_tree(at)
    assert tree.uncommitted == {"services/api/new"}
    assert text_of(at, tree.ids["services/api/new"]) == b"new\n"


def text_of(at: Checkout, oid: str) -> bytes:
    argv = ["git", "-C", str(at.top), "cat-file", "blob", oid]
    return subprocess.run(argv, env=at.environment, capture_output=True, check=True).stdout


@pytest.mark.fault(33, "CRLF of a checkout")
def test_crlf_has_one_key_wherever_it_was_checked_out(
    repository: Repository, tmp_path: Path
) -> None:
    repository.write(".gitattributes", "*.py text eol=crlf\n")
    repository.commit("attributes")
    expected = seen(repository).tree
    clone = tmp_path / "windows"
    repository.git("clone", "--quiet", "-c", "core.autocrlf=true", str(repository.top), str(clone))
    assert b"\r\n" in (clone / APP).read_bytes()
    assert read_tree(checkout(clone)).tree == expected
    assert read_tree(checkout(clone)).uncommitted == frozenset()


def test_crlf_without_attributes_is_content(repository: Repository) -> None:
    repository.write(APP, "1\r\n")
    assert seen(repository).uncommitted == {APP}


@pytest.mark.fault(33, "a file's case alone changes")
@pytest.mark.parametrize("rename", ["in git", "by hand"])
def test_a_rename_of_case_alone_is_a_change(repository: Repository, rename: str) -> None:
    if rename == "in git":
        repository.git("mv", APP, "services/api/App.py")
    else:
        (repository.top / APP).rename(repository.top / "services/api/App.py")
    assert seen(repository).uncommitted == {APP, "services/api/App.py"}


def test_a_link_is_its_target_s_name_wherever_that_leads(repository: Repository) -> None:
    link = repository.top / "services/api/link"
    link.symlink_to("/etc/passwd")
    first = seen(repository)
    assert text_of(checkout(repository.top), first.ids["services/api/link"]) == b"/etc/passwd"
    link.unlink()
    link.symlink_to("../web")
    second = seen(repository)
    assert first.ids["services/api"] != second.ids["services/api"]
    repository.write("services/web/new", "new")
    assert seen(repository).ids["services/api"] == second.ids["services/api"]


def test_a_file_name_that_is_no_utf_8_counts(repository: Repository) -> None:
    path = os.fsencode(repository.top / "services/api") + b"/caf\xe9\n\"'"
    with open(path, "w") as file:
        file.write("1")
    before = seen(repository)
    (name,) = before.uncommitted
    assert os.fsencode(name) == b"services/api/caf\xe9\n\"'"
    with open(path, "w") as file:
        file.write("2")
    assert seen(repository).ids["services/api"] != before.ids["services/api"]


def test_an_empty_folder_and_an_export_attribute_change_no_key(repository: Repository) -> None:
    repository.write(".gitattributes", "*.py export-ignore\n")
    repository.commit("attributes")
    before = seen(repository)
    (repository.top / "services/api/empty").mkdir()
    assert seen(repository) == before
    assert APP in before.ids


def test_a_replaced_object_is_not_taken_for_the_real_one(repository: Repository) -> None:
    before = seen(repository)
    old = before.ids["services/api"]
    repository.write(APP, "2\n")
    repository.commit("second")
    after = seen(repository)
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    repository.git("replace", old, after.ids["services/api"])
    assert seen(repository).ids == before.ids


@pytest.mark.fault(32, "a detached head, a merge commit")
def test_a_detached_head_and_a_merge_commit_have_the_ids_of_their_content(
    repository: Repository,
) -> None:
    repository.git("switch", "--quiet", "--create", "feature")
    repository.write("services/api/feature.py", "f\n")
    repository.commit("feature")
    repository.git("switch", "--quiet", "main")
    repository.write("services/web/main.py", "m\n")
    repository.commit("main goes on")
    repository.git("switch", "--quiet", "--detach", "feature")
    repository.git("merge", "--quiet", "--no-ff", "--message", "merge", "main")
    tree = seen(repository)
    assert tree.tree == committed(repository)
    assert tree.uncommitted == frozenset()
    assert tree.changed == frozenset({"services/api/feature.py"})


def test_a_conflict_that_waits_is_uncommitted(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--create", "feature")
    repository.write(APP, "feature\n")
    repository.commit("feature")
    repository.git("switch", "--quiet", "main")
    repository.write(APP, "main\n")
    repository.commit("main")
    with pytest.raises(AssertionError):
        repository.git("merge", "--quiet", "feature")
    assert seen(repository).uncommitted == {APP}


def test_the_number_of_git_processes_does_not_grow_with_the_tree(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    real = subprocess.run

    def counted(argv: list[str], **more: object) -> object:
        started.append(argv)
        return real(argv, **more)  # type: ignore[call-overload]

    monkeypatch.setattr("clients.git_process.subprocess.run", counted)
    seen(repository)
    small = len(started)
    for number in range(60):
        repository.write(f"services/s{number}/Dockerfile", f"FROM scratch\n# {number}\n")
    started.clear()
    seen(repository)
    assert len(started) == small <= 10


def test_a_context_that_is_a_link_or_a_file_is_refused(repository: Repository) -> None:
    (repository.top / "services/link").symlink_to("api")
    at = checkout(repository.top)
    tree = read_tree(at).tree
    for context in ("services/link", APP):
        source = ContextSource(tree=tree, context=context, dockerfile="services/api/Dockerfile")
        with pytest.raises(ContextError, match="is a file or a link, not a folder"):
            build_context(at, source)


def test_the_build_gets_odd_names_links_and_modes_as_they_are(repository: Repository) -> None:
    with open(os.fsencode(repository.top / "services/api") + b"/caf\xe9", "w") as file:
        file.write("1")
    repository.write("services/api/:(glob)*", "star")
    repository.write("services/api/noise.log", "ignored")
    (repository.top / "services/api/link").symlink_to("/etc/passwd")
    (repository.top / APP).chmod(0o755)
    at = checkout(repository.top)
    context = "services/api"
    source = ContextSource(
        tree=read_tree(at).tree, context=context, dockerfile=f"{context}/Dockerfile"
    )
    made = build_context(at, source)
    with made.tar, tarfile.open(fileobj=made.tar) as tar:
        found = {member.name: member for member in tar.getmembers()}
    assert sorted(found) == [":(glob)*", "Dockerfile", "app.py", "caf\udce9", "link"]
    assert found["link"].issym()
    assert found["link"].linkname == "/etc/passwd"
    assert found["app.py"].mode == 0o755
