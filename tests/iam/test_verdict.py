"""The judgement of IAM, rule by rule of AWS's page on policy evaluation."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.iam.request import Request, matches
from localcloud.iam.verdict import judge, read

ARN = "arn:aws:s3:::deploys/bundles/dev/a"
words = st.text(string.ascii_letters + string.digits + ":/-._[]*?", max_size=20)
plain = st.text(string.ascii_letters + string.digits + ":/-._[]", max_size=20)


def policy(effect: str = "Allow", **changed: Any) -> dict[str, Any]:
    """A document with one statement about reading the object."""
    statement = {"Effect": effect, "Action": "s3:GetObject", "Resource": ARN, **changed}
    kept = {name: value for name, value in statement.items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [kept]}


def asked(action: str = "s3:GetObject", resource: str = ARN, **context: Any) -> Request:
    keys = {name.replace("__", ":").replace("_", "-"): value for name, value in context.items()}
    return Request(action=action, resource=resource, context=keys)


def allowed(request: Request, *identity: dict[str, Any], **other: Any) -> bool:
    return judge(request, identity=identity, **other).allowed


def test_nothing_is_allowed_that_no_policy_speaks_of() -> None:
    assert not allowed(asked())
    assert not allowed(asked("s3:PutObject"), policy())
    assert not allowed(asked(resource=ARN + "b"), policy())


def test_the_case_of_an_action_does_not_count_and_that_of_a_resource_does() -> None:
    assert allowed(asked("S3:getobject"), policy(Action="s3:GETObject"))
    assert not allowed(asked(resource=ARN.upper()), policy())


def test_a_bracket_is_a_bracket() -> None:
    assert matches("a[bc]", "a[bc]")
    assert not matches("a[bc]", "ab")


def test_a_denial_wins_wherever_it_is() -> None:
    everything = policy(Action="*", Resource="*")
    assert not allowed(asked(), everything, policy("Deny"))
    assert not allowed(asked(), everything, boundary=policy("Deny"))
    denied = policy("Deny", Principal="*", Action="s3:*")
    verdict = judge(asked(), identity=[everything], resource=denied, callers=["1"])
    assert not verdict.allowed
    assert "explicit deny" in verdict.reason


def test_a_boundary_allows_nothing_by_itself_and_limits_what_is_allowed() -> None:
    assert not allowed(asked(), boundary=policy())
    assert allowed(asked(), policy(Action="s3:*"), boundary=policy())
    wide = policy(Action="s3:*")
    assert not allowed(asked("s3:PutObject"), wide, boundary=policy())


def test_at_home_one_of_both_policies_is_enough_and_elsewhere_both_must_allow() -> None:
    of_bucket = policy(Principal={"AWS": "arn:aws:iam::111111111111:root"})
    names = {"111111111111", "arn:aws:iam::111111111111:root"}
    assert allowed(asked(), resource=of_bucket, callers=names)
    assert not allowed(asked(), resource=of_bucket, callers=names, at_home=False)
    assert not allowed(asked(), policy(), callers=names, at_home=False)
    assert allowed(asked(), policy(), resource=of_bucket, callers=names, at_home=False)
    assert not allowed(asked(), resource=of_bucket, callers={"222222222222"})


def test_what_is_not_named_is_meant_by_not_action_and_not_resource() -> None:
    other = policy(Action=None, NotAction="s3:Get*")
    assert not allowed(asked(), other)
    assert allowed(asked("s3:PutObject"), other)
    elsewhere = policy(Resource=None, NotResource=ARN)
    assert not allowed(asked(), elsewhere)
    assert allowed(asked(resource="arn:aws:s3:::x"), elsewhere)


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        ({"StringEquals": {"aws:x": "a"}}, {"aws__x": ["a"]}, True),
        ({"StringEquals": {"AWS:X": ["b", "a"]}}, {"aws__x": ["a"]}, True),
        ({"StringEquals": {"aws:x": "a"}}, {"aws__x": ["A"]}, False),
        ({"StringEquals": {"aws:x": "a"}}, {}, False),
        ({"StringEqualsIfExists": {"aws:x": "a"}}, {}, True),
        ({"StringEqualsIfExists": {"aws:x": "a"}}, {"aws__x": ["b"]}, False),
        ({"StringNotEquals": {"aws:x": "a"}}, {}, True),
        ({"StringNotEquals": {"aws:x": ["a", "b"]}}, {"aws__x": ["b"]}, False),
        ({"StringLike": {"aws:x": "repo:acme/*"}}, {"aws__x": ["repo:acme/shop"]}, True),
        ({"ArnLike": {"aws:x": "arn:aws:ecs:*:1:*"}}, {"aws__x": ["arn:aws:ecs:e:1:a:b"]}, True),
        ({"ArnLike": {"aws:x": "arn:aws:ecs:*:1:a"}}, {"aws__x": ["arn:aws:ecs:e:2:1:a"]}, False),
        ({"Bool": {"aws:x": True}}, {"aws__x": ["true"]}, True),
        ({"Bool": {"aws:x": "false"}}, {"aws__x": ["true"]}, False),
        ({"Null": {"aws:x": "true"}}, {}, True),
        ({"Null": {"aws:x": "true"}}, {"aws__x": ["a"]}, False),
        ({"Null": {"aws:x": "false"}}, {"aws__x": ["a"]}, True),
        ({"NumericLessThan": {"aws:x": "1.2"}}, {"aws__x": ["1.3"]}, False),
        ({"ForAnyValue:StringEquals": {"aws:x": "a"}}, {"aws__x": ["b", "a"]}, True),
        ({"ForAnyValue:StringEquals": {"aws:x": "a"}}, {}, False),
        ({"ForAllValues:StringEquals": {"aws:x": "a"}}, {"aws__x": ["b", "a"]}, False),
        ({"ForAllValues:StringEquals": {"aws:x": "a"}}, {}, True),
        ({"StringEquals": {"aws:x": "${aws:y}"}}, {"aws__x": ["a"], "aws__y": ["a"]}, True),
        ({"StringEquals": {"aws:x": "${aws:y}"}}, {"aws__x": ["a"]}, False),
    ],
)
def test_a_condition_holds_as_aws_says(
    condition: dict[str, Any], context: dict[str, Any], expected: bool
) -> None:
    assert allowed(asked(**context), policy(Condition=condition)) is expected


def test_an_operator_that_is_not_known_is_an_error_and_never_a_yes() -> None:
    with pytest.raises(ValueError, match="DateLessThan"):
        allowed(asked(aws__x=["a"]), policy(Condition={"DateLessThan": {"aws:x": "2026"}}))


def test_a_policy_that_is_no_object_is_an_error() -> None:
    with pytest.raises(ValueError, match="JSON object"):
        read("[]")


@given(plain)
def test_a_word_fits_itself_and_every_star_before_and_behind(text: str) -> None:
    assert matches(text, text)
    assert matches(f"*{text}", f"x{text}")
    assert matches(f"{text}*", f"{text}x")
    assert not matches(text, f"{text}x")


@given(words, plain)
def test_whatever_is_allowed_a_denial_of_the_same_takes_away(pattern: str, text: str) -> None:
    statement = {"Action": "s3:*", "Resource": pattern}
    request = asked(resource=text)
    assert not allowed(request, policy(**statement), policy("Deny", **statement))


@given(words, words, plain)
def test_another_statement_never_takes_a_right_away(one: str, two: str, text: str) -> None:
    request = asked(resource=text)
    if allowed(request, policy(Resource=one)):
        assert allowed(request, policy(Resource=one), policy(Resource=two))


@given(words, words, plain)
def test_a_boundary_only_narrows(own: str, limit: str, text: str) -> None:
    request = asked(resource=text)
    within = allowed(request, policy(Resource=own), boundary=policy(Resource=limit))
    apart = [allowed(request, policy(Resource=each)) for each in (own, limit)]
    assert within == all(apart)
