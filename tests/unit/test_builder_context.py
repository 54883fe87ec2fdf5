"""The tar that a build gets: the tree's content and nothing of the machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from clients.builder_context import EPOCH, ContextSource, build_context
from clients.builder_tree import ContextError, changed_files
from clients.git import Checkout, checkout, read_tree


def git(folder: Path, *words: str) -> str:
    argv = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@t", *words]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


def repository(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    return commit(folder, files)


def commit(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", "x")
    return folder


def source(at: Checkout, context: str = "app", **more: object) -> ContextSource:
    values = {"dockerfile": f"{context}/Dockerfile", **more}
    return ContextSource(tree=read_tree(at).tree, context=context, **values)  # type: ignore[arg-type]


def made(folder: Path, context: str = "app", **more: object) -> tuple[bytes, str]:
    at = checkout(folder)
    context_ = build_context(at, source(at, context, **more))
    with context_.tar:
        return context_.tar.read(), context_.dockerfile


def members(folder: Path, context: str = "app", **more: object) -> dict[str, tarfile.TarInfo]:
    at = checkout(folder)
    made_ = build_context(at, source(at, context, **more))
    with made_.tar, tarfile.open(fileobj=made_.tar) as tar:
        return {member.name: member for member in tar.getmembers()}


APP = {"app/Dockerfile": "FROM scratch\n", "app/b.txt": "b", "app/a/c.txt": "c", "lib/x.py": "x"}


def test_the_same_content_gives_the_same_bytes_whatever_the_checkout(tmp_path: Path) -> None:
    first = repository(tmp_path / "one", APP)
    (first / "app/a/c.txt").chmod(0o755)
    commit(first, {})
    before = os.umask(0o077)
    try:
        second = tmp_path / "deep" / "er" / "two"
        git(tmp_path, "clone", "-q", str(first), str(second))
    finally:
        os.umask(before)
    for path in second.rglob("*"):
        if ".git" not in path.parts and path.is_file():
            os.utime(path, (1, 1))
    (second / "app" / "ignored.log").write_text("x")
    (second / ".git" / "info" / "exclude").write_text("*.log\n")
    one, two = made(first)[0], made(second)[0]
    assert hashlib.sha256(one).hexdigest() == hashlib.sha256(two).hexdigest()
    assert len(one) > 1024


def test_uncommitted_content_is_in_the_tar_and_ignored_files_are_not(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**APP, ".gitignore": "*.log\n"})
    (folder / "app/new.txt").write_text("new")
    (folder / "app/b.txt").write_text("changed")
    (folder / "app/junk.log").write_text("junk")
    at = checkout(folder)
    context = build_context(at, source(at))
    with context.tar, tarfile.open(fileobj=context.tar) as tar:
        names = tar.getnames()
        changed = tar.extractfile("b.txt")
        assert changed is not None
        assert changed.read() == b"changed"
    assert "new.txt" in names
    assert "junk.log" not in names


def test_entries_are_sorted_and_hold_nothing_of_the_machine(tmp_path: Path) -> None:
    folder = repository(tmp_path, APP)
    (folder / "app/b.txt").chmod(0o777)
    os.symlink("b.txt", folder / "app/link")
    found = members(folder)
    assert list(found) == ["Dockerfile", "a", "a/c.txt", "b.txt", "link"]
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname) for m in found.values()} == {
        (EPOCH, 0, 0, "", "")
    }
    assert [found[name].mode for name in ("Dockerfile", "a", "b.txt")] == [0o644, 0o755, 0o755]
    assert found["link"].issym()
    assert found["link"].linkname == "b.txt"


def test_further_inputs_are_under_their_repository_path(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**APP, "lib/deep/y.py": "y", "other/z": "z"})
    assert list(members(folder, extra_inputs=["lib"])) == [
        "Dockerfile", "a", "a/c.txt", "b.txt", "lib", "lib/deep", "lib/deep/y.py", "lib/x.py",
    ]  # fmt: skip


def test_an_input_that_collides_with_the_context_is_refused(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**APP, "app/lib/x.py": "mine"})
    with pytest.raises(ContextError, match=r"lib/x\.py collides"):
        made(folder, extra_inputs=["lib"])


@pytest.mark.fault(33, "a Dockerfile outside of its context")
def test_a_dockerfile_outside_of_the_context_comes_along_under_a_reserved_name(
    tmp_path: Path,
) -> None:
    folder = repository(tmp_path, {**APP, "docker/app.Dockerfile": "FROM scratch\nCOPY . /\n"})
    content, dockerfile = made(folder, dockerfile="docker/app.Dockerfile")
    assert dockerfile == ".slipway.Dockerfile"
    assert b"COPY . /" in content


def test_the_whole_repository_can_be_the_context(tmp_path: Path) -> None:
    folder = repository(tmp_path, APP)
    assert "lib/x.py" in members(folder, context=".", dockerfile="app/Dockerfile")


def test_dockerignore_is_honoured_and_never_takes_the_dockerfile(tmp_path: Path) -> None:
    ignore = "# words\n\n*.txt\n!b.txt\nDockerfile\na\n"
    folder = repository(tmp_path, {**APP, "app/.dockerignore": ignore, "app/z.txt": "z"})
    assert list(members(folder)) == [".dockerignore", "Dockerfile", "b.txt"]


def test_the_dockerfile_s_own_ignore_file_goes_first(tmp_path: Path) -> None:
    ignores = {"app/.dockerignore": "b.txt\n", "app/Dockerfile.dockerignore": "a\n"}
    found = members(repository(tmp_path, {**APP, **ignores}))
    assert "b.txt" in found
    assert "a/c.txt" not in found


def test_a_submodule_is_refused_by_name_unless_it_is_ignored(tmp_path: Path) -> None:
    folder = repository(tmp_path / "main", APP)
    other = repository(tmp_path / "other", {"f": "f"})
    allow = "protocol.file.allow=always"
    git(folder, "-c", allow, "submodule", "add", "-q", str(other), "app/vendored")
    commit(folder, {})
    with pytest.raises(ContextError, match="app/vendored is a submodule"):
        made(folder)
    commit(folder, {"app/.dockerignore": "vendored\n"})
    assert b"Dockerfile" in made(folder)[0]


def test_an_lfs_pointer_is_refused_by_name(tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    folder = repository(tmp_path, {**APP, "app/model.bin": pointer})
    with pytest.raises(ContextError, match=r"app/model\.bin is a Git LFS pointer"):
        made(folder)


def test_a_missing_dockerfile_or_context_is_named(tmp_path: Path) -> None:
    folder = repository(tmp_path, APP)
    with pytest.raises(ContextError, match="app/None is not in the tree"):
        made(folder, dockerfile="app/None")
    with pytest.raises(ContextError, match="the context 'empty' holds no file"):
        made(folder, context="empty", dockerfile="app/Dockerfile")


def test_names_with_odd_characters_survive(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**APP, "app/ä b\n$(id)": "odd", "app/*.txt": "star"})
    found = members(folder)
    assert {"ä b\n$(id)", "*.txt"} <= set(found)


def test_attributes_don_t_change_the_content(tmp_path: Path) -> None:
    attributes = "*.txt text eol=crlf export-ignore\n"
    folder = repository(tmp_path, {**APP, ".gitattributes": attributes, "app/n.txt": "1\n2\n"})
    at = checkout(folder)
    context = build_context(at, source(at))
    with context.tar, tarfile.open(fileobj=context.tar) as tar:
        file = tar.extractfile("n.txt")
        assert file is not None
        assert file.read() == b"1\n2\n"


def test_changed_files_are_those_below_the_given_paths(tmp_path: Path) -> None:
    folder = repository(tmp_path, APP)
    before = read_tree(checkout(folder)).tree
    (folder / "app/b.txt").write_text("2")
    (folder / "lib/x.py").write_text("2")
    shutil.rmtree(folder / "app/a")
    at = checkout(folder)
    after = read_tree(at).tree
    assert changed_files(at, before, after, ["app"]) == ["app/a/c.txt", "app/b.txt"]
    assert changed_files(at, before, after, ["app", "."]) == [
        "app/a/c.txt",
        "app/b.txt",
        "lib/x.py",
    ]
    assert changed_files(at, "0" * 40, after, ["app"]) is None


def test_the_whole_tar_is_the_builder_s_and_the_dockerfile_s_text_beside_it(
    tmp_path: Path,
) -> None:
    at = checkout(repository(tmp_path, {"app/Dockerfile": "FROM scratch\n"}))
    context = build_context(at, source(at))
    with context.tar:
        done = subprocess.run(["cat"], stdin=context.tar, capture_output=True, check=True)
    assert len(done.stdout) == context.size
    assert context.dockerfile_text == "FROM scratch\n"
