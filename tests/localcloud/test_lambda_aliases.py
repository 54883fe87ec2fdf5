"""Aliases lead to versions, all or a part of the invocations."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.lambda_kit import Kit, refusal


@pytest.fixture(scope="module")
def two(kit: Kit) -> str:
    """A function whose version 1 is program one, version 2 program two."""
    kit.create("two-versions")
    kit.publish("two-versions")
    kit.update("two-versions", "two")
    kit.publish("two-versions")
    return "two-versions"


def test_an_alias_leads_to_its_version_and_moves(kit: Kit, two: str) -> None:
    made = kit.client.create_alias(FunctionName=two, Name="live", FunctionVersion="1")
    said, answer = kit.invoke(two, Qualifier="live")
    assert (said["program"], answer["ExecutedVersion"]) == ("one", "1")
    assert said["arn"].endswith(f":function:{two}:live")
    moved = kit.client.update_alias(
        FunctionName=two, Name="live", FunctionVersion="2", RevisionId=made["RevisionId"]
    )
    assert moved["RevisionId"] != made["RevisionId"]
    assert kit.invoke(f"{two}:live")[0]["program"] == "two"
    found = kit.client.get_function(FunctionName=two, Qualifier="live")["Configuration"]
    assert (found["Version"], found["FunctionArn"]) == ("2", made["AliasArn"])


def test_an_alias_is_not_moved_by_who_saw_an_older_one(kit: Kit, two: str) -> None:
    made = kit.client.create_alias(FunctionName=two, Name="raced", FunctionVersion="1")
    kit.client.update_alias(FunctionName=two, Name="raced", Description="by somebody else")
    with pytest.raises(ClientError, match="GetAlias API") as error:
        kit.client.update_alias(
            FunctionName=two, Name="raced", FunctionVersion="2", RevisionId=made["RevisionId"]
        )
    assert refusal(error) == ("PreconditionFailedException", 412)
    assert kit.client.get_alias(FunctionName=two, Name="raced")["FunctionVersion"] == "1"


def test_an_alias_shares_its_invocations_by_weight(kit: Kit, two: str) -> None:
    kit.client.create_alias(
        FunctionName=two,
        Name="canary",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )
    seen = [kit.invoke(two, Qualifier="canary")[1]["ExecutedVersion"] for _ in range(40)]
    assert set(seen) == {"1", "2"}
    kit.client.update_alias(
        FunctionName=two, Name="canary", RoutingConfig={"AdditionalVersionWeights": {}}
    )
    seen = [kit.invoke(two, Qualifier="canary")[1]["ExecutedVersion"] for _ in range(10)]
    assert set(seen) == {"1"}


@pytest.mark.parametrize(
    ("wish", "code", "status"),
    [
        ({"FunctionVersion": "99"}, "ResourceNotFoundException", 404),
        ({"FunctionVersion": "1", "Name": "12"}, "ValidationException", 400),
        (
            {"FunctionVersion": "$LATEST", "RoutingConfig": {"AdditionalVersionWeights": {"1": 1}}},
            "InvalidParameterValueException",
            400,
        ),
        (
            {"FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"9": 0.1}}},
            "ResourceNotFoundException",
            404,
        ),
    ],
)
def test_an_alias_of_nothing_is_refused(
    kit: Kit, two: str, wish: dict[str, Any], code: str, status: int
) -> None:
    with pytest.raises(ClientError) as error:
        kit.client.create_alias(**{"FunctionName": two, "Name": "wrong", **wish})
    assert refusal(error) == (code, status)


def test_an_alias_exists_once(kit: Kit, two: str) -> None:
    kit.client.create_alias(FunctionName=two, Name="once", FunctionVersion="1")
    with pytest.raises(ClientError, match="Alias already exists") as error:
        kit.client.create_alias(FunctionName=two, Name="once", FunctionVersion="2")
    assert refusal(error) == ("ResourceConflictException", 409)
    names = [each["Name"] for each in kit.client.list_aliases(FunctionName=two)["Aliases"]]
    assert "once" in names
    kit.client.delete_alias(FunctionName=two, Name="once")
    kit.client.delete_alias(FunctionName=two, Name="once")
    with pytest.raises(ClientError) as error:
        kit.client.get_alias(FunctionName=two, Name="once")
    assert refusal(error) == ("ResourceNotFoundException", 404)
