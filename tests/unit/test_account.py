"""Whose credentials, whose images: refused with all that a person needs to see what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clients.aws import AwsError
from infra import access, adoption, origin_account
from infra.access import checked_access_of
from infra.adoption import Adoption, adoption_of
from infra.env_file import Said
from infra.former import Former
from infra.guards import wrong_account
from infra.origin_account import check_origin_account
from infra.settings import Settings, read_settings

OURS, THEIRS = "123456789012", "210987654321"
PROMOTE = {"images": "promote", "names": ["{version}"]}


def settings(said: dict[str, Said] | None = None, **more: Any) -> Settings:
    texts: dict[str, Any] = {
        "aws:region": "eu-west-1",
        "slipway:account": OURS,
        "slipway:bundles": {"bucket": "acme"},
        **{f"slipway:{key}": value for key, value in more.items()},
    }
    return read_settings("slipway", "dev", texts, said)


def test_the_right_account_is_no_refusal() -> None:
    assert wrong_account(settings(), OURS) is None


def test_a_wrong_account_is_told_with_profile_and_place() -> None:
    said = {
        "account": Said(value=OURS, place="AWS_ACCOUNT_ID in /m/.env"),
        "profile": Said(value="personal", place="AWS_PROFILE of the environment"),
    }
    text = wrong_account(settings(said), THEIRS)
    assert text == (
        "slipway:account: the stack 'dev' belongs to account 123456789012 (AWS_ACCOUNT_ID in "
        "/m/.env), but the profile 'personal' (AWS_PROFILE of the environment) is of account "
        "210987654321. Nothing was done. Take other credentials (aws:profile, AWS_PROFILE), or "
        "mend Pulumi.dev.yaml."
    )


def test_a_command_asks_once_and_only_where_there_is_an_account_to_compare(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []

    def account_of(found: object) -> str:
        asked.append(found)
        return THEIRS

    monkeypatch.setattr(access, "account_of", account_of)
    with pytest.raises(ValueError, match="belongs to account 123456789012"):
        checked_access_of(settings())
    assert len(asked) == 1
    checked_access_of(settings(account=None))
    assert len(asked) == 1


@pytest.fixture
def origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stack file of the stack that builds."""
    monkeypatch.setattr(origin_account, "PROJECT", tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: slipway\n")
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(f'config:\n  slipway:account: "{THEIRS}"\n')
    return file


def test_images_come_from_the_account_that_their_own_stack_names(origin: Path) -> None:
    check_origin_account(settings(release={**PROMOTE, "origin": {"account": THEIRS}}))


@pytest.mark.parametrize(("wanted", "said"), [
    ({"account": "999999999999"}, "slipway:release.origin.account in Pulumi.dev.yaml is 9999"),
    ({}, "has no release.origin.account, which means its own account 123456789012"),
])  # fmt: skip
def test_another_account_than_that_is_refused_with_both(
    origin: Path, wanted: dict[str, str], said: str
) -> None:
    with pytest.raises(ValueError, match=said) as error:
        check_origin_account(settings(release={**PROMOTE, "origin": wanted}))
    assert f"whose images are promoted, is {THEIRS}" in str(error.value)


def test_where_nothing_is_promoted_or_known_nothing_is_compared(origin: Path) -> None:
    check_origin_account(settings())
    check_origin_account(settings(release=PROMOTE, registry={"kind": "127.0.0.1:5000"}))
    origin.unlink()
    check_origin_account(settings(release=PROMOTE))


class Cloud:
    """The repositories and buckets that an account has."""

    def __init__(self, *names: str, code: str = "") -> None:
        self.names, self.code, self.asked = names, code, list[str]()

    def describe_repositories(self, *, repositoryNames: list[str]) -> None:  # noqa: N803
        self._look(repositoryNames[0], "RepositoryNotFoundException")

    def head_bucket(self, *, Bucket: str, ExpectedBucketOwner: str) -> None:  # noqa: N803
        assert ExpectedBucketOwner == OURS
        self._look(Bucket, "404")

    def _look(self, name: str, absent: str) -> None:
        self.asked.append(name)
        if self.code or name not in self.names:
            raise AwsError("no", self.code or absent)


def adopted(monkeypatch: pytest.MonkeyPatch, cloud: Cloud, before: Former, **more: Any) -> Adoption:
    monkeypatch.setattr(adoption, "client", lambda *_: cloud)
    wished = more.pop("wished", False)
    return adoption_of(settings(**more), ("web", "api"), before, wished=wished)


MADE = Former(repositories={"web": "web", "api": "api"}, bucket="acme")


def test_a_stack_that_has_made_all_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud("web", "api", "acme")
    assert adopted(monkeypatch, cloud, MADE) == Adoption()
    none = {"registry": {"create": False}, "bundles": {"bucket": "acme", "create": False}}
    assert adopted(monkeypatch, cloud, Former(), **none) == Adoption()
    assert cloud.asked == []


def test_what_is_there_is_refused_by_name_and_taken_over_by_wish(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = Cloud("web", "acme")
    with pytest.raises(ValueError, match="repository web") as error:
        adopted(monkeypatch, cloud, Former())
    assert "bucket acme" in str(error.value)
    assert "repository api" not in str(error.value)
    found = adopted(monkeypatch, cloud, Former(), wished=True)
    assert found == Adoption(images=frozenset({"web"}), bucket=True)


def test_only_what_the_state_does_not_have_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud("web", "acme")
    adopted(monkeypatch, cloud, Former(repositories={"web": "web"}, bucket="acme"))
    assert cloud.asked == ["api"]


def test_who_may_not_look_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud("web", code="AccessDeniedException")
    assert adopted(monkeypatch, cloud, Former()) == Adoption()


def test_any_other_answer_of_aws_is_not_taken_for_absence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AwsError):
        adopted(monkeypatch, Cloud(code="ThrottlingException"), Former())
