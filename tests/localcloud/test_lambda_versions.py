"""Versions are frozen, and changes take their time, one after the other."""

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.lambda_kit import Kit, refusal


def test_a_function_is_pending_first_and_cannot_be_used(kit: Kit, usual_limits: None) -> None:
    kit.cloud.limits(lambda_update_seconds=2)
    code = {"ImageUri": f"{kit.images.uri}:one"}
    made = kit.client.create_function(
        FunctionName="pending", PackageType="Image", Role=kit.role, Code=code
    )
    assert (made["State"], made["StateReasonCode"]) == ("Pending", "Creating")
    with pytest.raises(ClientError, match="currently in the following state: Pending") as error:
        kit.invoke("pending")
    assert refusal(error) == ("ResourceConflictException", 409)
    with pytest.raises(ClientError, match="currently in the following state: Pending"):
        kit.client.publish_version(FunctionName="pending")
    found = kit.wait("pending")
    assert (found["State"], found["LastUpdateStatus"]) == ("Active", "Successful")
    assert found["RevisionId"] != made["RevisionId"]


def test_an_update_excludes_others_and_the_old_code_answers_meanwhile(
    kit: Kit, usual_limits: None
) -> None:
    kit.create("busy")
    kit.cloud.limits(lambda_update_seconds=3)
    uri = f"{kit.images.uri}:two"
    begun = kit.client.update_function_code(FunctionName="busy", ImageUri=uri)
    assert begun["LastUpdateStatus"] == "InProgress"
    for change, wish in (
        (kit.client.update_function_code, {"ImageUri": uri}),
        (kit.client.update_function_configuration, {"Timeout": 9}),
        (kit.client.publish_version, {}),
    ):
        with pytest.raises(ClientError, match="An update is in progress for resource") as error:
            change(FunctionName="busy", **wish)
        assert refusal(error) == ("ResourceConflictException", 409)
    assert kit.said("busy")["program"] == "one"
    assert kit.wait("busy")["LastUpdateStatus"] == "Successful"
    assert kit.said("busy")["program"] == "two"


def test_a_version_keeps_its_code_and_environment(kit: Kit) -> None:
    kit.create("frozen", Environment={"Variables": {"COLOR": "red"}})
    assert kit.publish("frozen") == "1"
    assert kit.publish("frozen") == "1", "nothing has changed since"
    kit.client.update_function_configuration(
        FunctionName="frozen", Environment={"Variables": {"COLOR": "blue"}}
    )
    kit.wait("frozen")
    assert kit.publish("frozen") == "2"
    kit.update("frozen", "two")
    found = [kit.invoke("frozen", Qualifier=q)[0] for q in ("1", "2", "$LATEST")]
    seen = [(said["program"], said["environment"]["COLOR"]) for said in found]
    assert seen == [("one", "red"), ("one", "blue"), ("two", "blue")]
    assert found[0]["environment"]["AWS_LAMBDA_FUNCTION_VERSION"] == "1"
    versions = kit.client.list_versions_by_function(FunctionName="frozen")["Versions"]
    assert [each["Version"] for each in versions] == ["$LATEST", "1", "2"]
    assert versions[1]["FunctionArn"].endswith(":function:frozen:1")


def test_an_update_can_publish(kit: Kit) -> None:
    kit.create("publishing")
    made = kit.client.update_function_code(
        FunctionName="publishing", ImageUri=f"{kit.images.uri}:two", Publish=True
    )
    assert (made["Version"], made["State"]) == ("1", "Pending")
    assert kit.wait("publishing", Qualifier="1")["State"] == "Active"
    assert kit.said("publishing", Qualifier="1")["program"] == "two"


def test_a_publication_can_demand_its_code(kit: Kit) -> None:
    kit.create("demanding")
    with pytest.raises(ClientError, match="is different from current CodeSHA256") as error:
        kit.client.publish_version(FunctionName="demanding", CodeSha256="0" * 64)
    assert refusal(error) == ("InvalidParameterValueException", 400)


def test_a_stale_revision_is_no_precondition(kit: Kit) -> None:
    made = kit.create("revised")
    stale = {"FunctionName": "revised", "RevisionId": made["RevisionId"]}
    for change, wish in (
        (kit.client.update_function_code, {"ImageUri": f"{kit.images.uri}:two"}),
        (kit.client.publish_version, {}),
    ):
        with pytest.raises(ClientError, match="does not match the latest Revision Id") as error:
            change(**stale, **wish)
        assert refusal(error) == ("PreconditionFailedException", 412)
    now = kit.wait("revised")["RevisionId"]
    assert kit.client.publish_version(FunctionName="revised", RevisionId=now)["Version"] == "1"


def test_a_version_that_an_alias_names_cannot_be_deleted(kit: Kit) -> None:
    kit.create("held")
    kit.publish("held")
    kit.client.create_alias(FunctionName="held", Name="live", FunctionVersion="1")
    with pytest.raises(ClientError, match=r"aliases reference it: \[live\]") as error:
        kit.client.delete_function(FunctionName="held", Qualifier="1")
    assert refusal(error) == ("ResourceConflictException", 409)
    kit.client.delete_alias(FunctionName="held", Name="live")
    kit.client.delete_function(FunctionName="held", Qualifier="1")
    with pytest.raises(ClientError, match="Function not found") as error:
        kit.invoke("held", Qualifier="1")
    assert refusal(error) == ("ResourceNotFoundException", 404)
    assert kit.publish("held") == "2", "a number is not given again"


def test_a_deleted_function_is_gone_with_everything(kit: Kit) -> None:
    kit.create("gone")
    kit.invoke("gone")
    kit.client.delete_function(FunctionName="gone")
    with pytest.raises(ClientError) as error:
        kit.client.get_function(FunctionName="gone")
    assert refusal(error) == ("ResourceNotFoundException", 404)
    kit.create("gone")
    assert kit.invoke("gone")[0]["count"] == 1
