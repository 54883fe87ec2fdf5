"""Tags, branches and pushing; hostile names are only ever names."""

from __future__ import annotations

from pathlib import Path

import pytest

from clients.git import GitError, checkout
from clients.git_tags import current_branch, fetch_tags, make_tag, push, tags, tags_at
from tests.scratch_repository import Repository

HOSTILE = [
    "v1.2.3$(touch${IFS}pwned)",
    "feat/;touch-pwned",
    "`touch${IFS}pwned`",
    "a&b|c>d",
    "'\"",
    "ä",
]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.git("clone", "--quiet", "--bare", str(made.top), str(tmp_path / "remote.git"))
    made.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    made.git("config", "user.name", "A")
    made.git("config", "user.email", "a@example.com")
    return made


def at_remote(repository: Repository) -> list[str]:
    listing = repository.git("ls-remote", "origin").splitlines()
    return [line.split("\t")[1] for line in listing if not line.endswith(("HEAD", "^{}"))]


def test_tags_are_found_by_their_pattern(repository: Repository) -> None:
    for name in ("0.1.9-dev", "0.1.10-dev", "v1.0.0", "dev", "x/0.1.1-dev"):
        repository.git("tag", name)
    at = checkout(repository.top)
    assert tags(at, "[0-9]*-dev") == ["0.1.10-dev", "0.1.9-dev"]
    assert set(tags(at, "*-dev")) == {"0.1.10-dev", "0.1.9-dev", "x/0.1.1-dev"}
    assert len(tags(at)) == 5


def test_tags_of_a_commit_are_lightweight_and_annotated_ones(repository: Repository) -> None:
    first = repository.head()
    repository.git("tag", "light")
    repository.git("tag", "--annotate", "--message", "m", "annotated")
    repository.write("more", "more")
    repository.commit("more")
    repository.git("tag", "later")
    at = checkout(repository.top)
    assert tags_at(at, first) == ["annotated", "light"]
    assert tags_at(at, at.commit, "l*") == ["later"]
    with pytest.raises(GitError, match="is not a commit id"):
        tags_at(at, "--all")


def test_the_branch_is_told_by_its_whole_name(repository: Repository) -> None:
    at = checkout(repository.top)
    assert current_branch(at) == "main"
    repository.git("switch", "--quiet", "--create", "feat/;touch-pwned")
    repository.git("tag", "feat/;touch-pwned")
    assert current_branch(at) == "feat/;touch-pwned"
    repository.git("switch", "--quiet", "--detach")
    assert current_branch(at) is None


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("message", [None, "# notes\n\n`$(id)`"])
def test_a_hostile_name_is_tagged_and_pushed_as_it_is(
    repository: Repository, name: str, message: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository.top)
    repository.git("switch", "--quiet", "--create", name)
    at = checkout(repository.top)
    make_tag(at, name, message)
    push(at, "origin", [f"refs/heads/{name}", f"refs/tags/{name}"])
    there = {f"refs/heads/{name}", "refs/heads/main", f"refs/tags/{name}"}
    assert set(at_remote(repository)) == there
    assert tags_at(at, at.commit) == [name]
    assert not list(repository.top.rglob("pwned"))
    if message is not None:
        body = repository.git("for-each-ref", "--format=%(contents)", f"refs/tags/{name}")
        assert body.strip() == message


@pytest.mark.parametrize(
    "name", ["-x", "--delete", "HEAD", "", "a b", "a..b", "a:b", "a\nb", "x.lock", "a\0b", "@{u}"]
)
def test_a_name_that_git_does_not_take_is_refused(repository: Repository, name: str) -> None:
    repository.git("tag", "keep")
    with pytest.raises(GitError, match="is not a name"):
        make_tag(checkout(repository.top), name)
    assert tags(checkout(repository.top)) == ["keep"]


@pytest.mark.parametrize(
    "ref", ["main", "--force", "+refs/heads/main", ":refs/heads/main", "refs/heads/main:refs/x"]
)
def test_only_whole_refs_are_pushed(repository: Repository, ref: str) -> None:
    before = at_remote(repository)
    with pytest.raises(GitError, match=r"is not pushed; allowed|is not a name"):
        push(checkout(repository.top), "origin", [ref])
    assert at_remote(repository) == before


@pytest.mark.parametrize("remote", ["--upload-pack=touch pwned", "ext::sh -c id", "elsewhere"])
def test_only_a_remote_of_the_repository_is_asked(repository: Repository, remote: str) -> None:
    at = checkout(repository.top)
    with pytest.raises(GitError, match=r"has no remote .*; there are: origin"):
        fetch_tags(at, remote)
    with pytest.raises(GitError, match=r"has no remote .*; there are: origin"):
        push(at, remote, ["refs/heads/main"])


def test_a_refused_branch_leaves_the_tag_unpushed(repository: Repository, tmp_path: Path) -> None:
    other = tmp_path / "other"
    repository.git("clone", "--quiet", str(tmp_path / "remote.git"), str(other))
    repository.git("-C", str(other), "commit", "--quiet", "--allow-empty", "--message", "theirs")
    repository.git("-C", str(other), "push", "--quiet", "origin", "main")
    repository.write("ours", "ours")
    repository.commit("ours")
    at = checkout(repository.top)
    make_tag(at, "0.1.0-dev")
    with pytest.raises(GitError, match="rejected"):
        push(at, "origin", ["refs/heads/main", "refs/tags/0.1.0-dev"])
    assert at_remote(repository) == ["refs/heads/main"]


def test_tags_of_the_remote_are_fetched(repository: Repository, tmp_path: Path) -> None:
    repository.git("-C", str(tmp_path / "remote.git"), "tag", "0.1.29-dev")
    at = checkout(repository.top)
    assert tags(at) == []
    fetch_tags(at, "origin")
    assert tags(at) == ["0.1.29-dev"]


def test_a_tag_that_exists_is_not_moved(repository: Repository) -> None:
    at = checkout(repository.top)
    make_tag(at, "v1")
    repository.write("more", "more")
    repository.commit("more")
    with pytest.raises(GitError, match="already exists"):
        make_tag(checkout(repository.top), "v1")


def test_a_configured_signature_does_not_open_an_editor(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_EDITOR", "false")
    repository.git("config", "tag.gpgSign", "true")
    make_tag(checkout(repository.top), "v1")
    assert tags(checkout(repository.top)) == ["v1"]
