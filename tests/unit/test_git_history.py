"""What happened between two commits, and never less than what happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from clients.git import Checkout, GitError, HistoryError, checkout
from clients.git_history import Commit, date_of, log_between, messages_since
from tests.scratch_repository import Repository

API, WEB = "services/api", "services/web"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def change(repository: Repository, folder: str, message: str) -> str:
    file = repository.top / folder / "file"
    repository.write(f"{folder}/file", f"{file.read_text() if file.exists() else ''}{message}\n")
    repository.commit(message)
    return repository.head()


def clone(repository: Repository, folder: Path, *words: str) -> Checkout:
    repository.git("clone", "--quiet", *words, f"file://{repository.top}", str(folder))
    return checkout(folder)


def test_only_messages_of_commits_that_touched_the_paths_count(repository: Repository) -> None:
    start = change(repository, API, "before")
    change(repository, API, "one\n\n[minor] with a body\n\n# and a heading")
    change(repository, WEB, "[major] elsewhere")
    change(repository, "libs/common", "shared")
    at = checkout(repository.top)
    assert messages_since(at, start[:7], [API, "libs"]) == [
        "shared",
        "one\n\n[minor] with a body\n\n# and a heading",
    ]
    assert len(messages_since(at, start, ["."])) == 3
    assert messages_since(at, repository.head(), [API]) == []
    assert messages_since(at, start, []) == []


def test_paths_are_names_and_not_patterns(repository: Repository) -> None:
    start = change(repository, API, "before")
    change(repository, API, "not meant")
    change(repository, "services/*", "meant")
    assert messages_since(checkout(repository.top), start, ["services/*"]) == ["meant"]


def test_a_merge_counts_by_its_own_commits_and_as_what_it_brought(repository: Repository) -> None:
    start = change(repository, WEB, "before")
    repository.git("switch", "--quiet", "--create", "feature")
    change(repository, API, "on the branch")
    repository.git("switch", "--quiet", "main")
    change(repository, WEB, "on main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "[minor] pull request", "feature")
    at = checkout(repository.top)
    assert messages_since(at, start, [API]) == ["[minor] pull request", "on the branch"]
    assert messages_since(at, start, [WEB]) == ["on main"]


def test_a_commit_on_a_side_that_the_merge_threw_away_still_counts(
    repository: Repository,
) -> None:
    start = change(repository, API, "before")
    repository.git("switch", "--quiet", "--create", "feature")
    change(repository, API, "[major] thrown away")
    repository.git("switch", "--quiet", "main")
    change(repository, WEB, "on main")
    repository.git("merge", "--quiet", "--strategy", "ours", "--message", "ours", "feature")
    assert messages_since(checkout(repository.top), start, [API]) == ["[major] thrown away"]


GPG = """#!/bin/sh
echo "the words of gpg" >&2
cat > /dev/null
case "$*" in *--verify*) exit 0;; esac
echo "[GNUPG:] SIG_CREATED " >&2
printf -- "-----BEGIN PGP SIGNATURE-----\\nx\\n-----END PGP SIGNATURE-----\\n"
"""


def test_a_signed_commit_has_its_message_and_no_more(repository: Repository) -> None:
    gpg = repository.write(".git/gpg", GPG)
    gpg.chmod(0o755)
    start = repository.head()
    repository.git("config", "gpg.program", str(gpg))
    repository.git("config", "log.showSignature", "true")
    repository.git("config", "commit.gpgSign", "true")
    change(repository, API, "signed")
    assert "words of gpg" in repository.git("log", "-1"), "git itself shows the signature"
    assert messages_since(checkout(repository.top), start, [API]) == ["signed"]


def test_the_history_of_a_file_that_got_this_name_later_does_not_count(
    repository: Repository,
) -> None:
    start = change(repository, WEB, "before")
    change(repository, WEB, "[major] under another name")
    repository.git("mv", f"{WEB}/file", f"{API}/file")
    repository.commit("moved")
    repository.git("config", "log.follow", "true")
    repository.git("config", "format.pretty", "oneline")
    assert messages_since(checkout(repository.top), start, [f"{API}/file"]) == ["moved"]


@pytest.mark.fault(32, "messages that a shallow clone lacks")
def test_a_shallow_clone_refuses_and_says_how_to_fetch_more(
    repository: Repository, tmp_path: Path
) -> None:
    start = change(repository, API, "[major] before")
    change(repository, API, "after")
    at = clone(repository, tmp_path / "clone", "--depth", "1")
    with pytest.raises(HistoryError, match=r"shallow.*--unshallow.*fetch-depth: 0"):
        messages_since(at, start, [API])


def test_a_shallow_clone_that_reaches_far_enough_answers(
    repository: Repository, tmp_path: Path
) -> None:
    change(repository, API, "long ago")
    start = change(repository, API, "before")
    change(repository, API, "after")
    at = clone(repository, tmp_path / "clone", "--depth", "2")
    assert messages_since(at, start, [API]) == ["after"]


def test_a_shallow_clone_with_a_gap_in_a_merge_refuses(
    repository: Repository, tmp_path: Path
) -> None:
    """Both ends are there, and yet the older commits of the merged side are not."""
    start = change(repository, WEB, "before")
    repository.git("switch", "--quiet", "--create", "feature")
    change(repository, API, "[major] cut off")
    change(repository, API, "last of the branch")
    repository.git("switch", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "merge", "feature")
    at = clone(repository, tmp_path / "clone", "--depth", "2")
    with pytest.raises(HistoryError, match=r"cut off.*shallow"):
        messages_since(at, start, [API])


@pytest.mark.fault(32, "unrelated histories")
def test_a_commit_that_a_force_push_removed_is_said_to_be_of_another_history(
    repository: Repository, tmp_path: Path
) -> None:
    gone = change(repository, API, "gone")
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    change(repository, API, "instead")
    for at in (checkout(repository.top), clone(repository, tmp_path / "clone")):
        with pytest.raises(HistoryError, match=r"not in the history.*force push"):
            messages_since(at, gone, [API])


@pytest.mark.parametrize("since", ["", "main", "HEAD", "--all", "$(id)", "a" * 65, "ABCDEF1"])
def test_what_is_no_commit_id_is_refused(repository: Repository, since: str) -> None:
    at = checkout(repository.top)
    with pytest.raises(GitError, match="is not a commit id"):
        messages_since(at, since, [API])
    with pytest.raises(GitError, match="is not a commit id"):
        date_of(at, since)


def test_the_log_between_two_records_is_newest_first(repository: Repository) -> None:
    old = change(repository, API, "before")
    new = change(repository, API, "subject `$(id)` <b>\n\nbody")
    at = checkout(repository.top)
    (commit,) = log_between(at, old, new)
    assert commit == Commit(
        id=new, subject="subject `$(id)` <b>", author="A", date=date_of(at, new)
    )
    assert [each.subject for each in log_between(at, None, new)] == [
        commit.subject, "before", "first",
    ]  # fmt: skip
    assert log_between(at, new, old) == []


def test_a_commit_without_a_message_is_in_the_log(repository: Repository) -> None:
    old = repository.head()
    repository.git("commit", "--quiet", "--allow-empty", "--allow-empty-message", "--message", "")
    assert [each.subject for each in log_between(checkout(repository.top), old, repository.head())]


def test_a_log_that_the_clone_cut_off_is_refused(repository: Repository, tmp_path: Path) -> None:
    old = repository.head()
    new = change(repository, API, "after")
    at = clone(repository, tmp_path / "clone", "--depth", "1")
    for start in (old, None):
        with pytest.raises(HistoryError, match="shallow"):
            log_between(at, start, new)


def test_a_date_is_in_utc(repository: Repository) -> None:
    repository.environment["GIT_COMMITTER_DATE"] = "2026-11-21T01:02:03+02:00"
    change(repository, API, "dated")
    assert date_of(checkout(repository.top), repository.head()) == "2026-11-20T23:02:03Z"
