"""What Lambda refuses of a function's configuration, and what it shows of it."""

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.localcloud.lambda_kit import Kit, refusal

INVALID = "InvalidParameterValueException"


@pytest.mark.parametrize(
    ("wish", "code", "message"),
    [
        ({"Timeout": 901}, "ValidationException", "less than or equal to 900"),
        ({"Timeout": 0}, "ValidationException", "greater than or equal to 1"),
        ({"MemorySize": 127}, "ValidationException", "greater than or equal to 128"),
        ({"EphemeralStorage": {"Size": 600000}}, "ValidationException", "10240"),
        ({"Role": "no-arn"}, "ValidationException", "regular expression"),
        ({"Role": "arn:aws:iam::123456789012:role/none"}, INVALID, "cannot be assumed by Lambda"),
        ({"Architectures": ["x86_64", "arm64"]}, "ValidationException", "enum value set"),
        ({"Runtime": "python3.12"}, INVALID, "PackageType as Image"),
        ({"PackageType": "Zip"}, INVALID, "container images alone"),
        ({"FunctionName": "a b"}, "ValidationException", "functionName"),
        (
            {"Environment": {"Variables": {"AWS_REGION": "x", "A": "y"}}},
            INVALID,
            "reserved keys .* in this request: AWS_REGION",
        ),
        ({"Environment": {"Variables": {"LONG": "x" * 4097}}}, INVALID, "exceeded the 4KB limit"),
        ({"Environment": {"Variables": {"1A": "x"}}}, "ValidationException", "environment"),
    ],
)
def test_what_lambda_does_not_take_is_refused(
    kit: Kit, wish: dict[str, Any], code: str, message: str
) -> None:
    code_of = {"ImageUri": f"{kit.images.uri}:one"}
    whole = {"FunctionName": "wrong", "PackageType": "Image", "Role": kit.role, "Code": code_of}
    # botocore would refuse some of it before Lambda sees it.
    client = kit.cloud.client("lambda", config=Config(parameter_validation=False))
    with pytest.raises(ClientError, match=message) as error:
        client.create_function(**{**whole, **wish})
    assert refusal(error) == (code, 400)


def test_a_role_for_another_service_is_refused(kit: Kit) -> None:
    role = kit.new_role("for-tasks", "ecs-tasks.amazonaws.com")
    with pytest.raises(ClientError, match="cannot be assumed by Lambda") as error:
        kit.create("wrong", Role=role)
    assert refusal(error) == (INVALID, 400)


def test_an_update_of_the_configuration_keeps_what_it_leaves_out(kit: Kit) -> None:
    kit.create("kept", Timeout=9, Environment={"Variables": {"COLOR": "red"}}, Description="d")
    kit.client.update_function_configuration(FunctionName="kept", MemorySize=512)
    found = kit.wait("kept")
    assert (found["Timeout"], found["MemorySize"], found["Description"]) == (9, 512, "d")
    assert found["Environment"] == {"Variables": {"COLOR": "red"}}
    with pytest.raises(ClientError, match="less than or equal to 900"):
        kit.client.update_function_configuration(FunctionName="kept", Timeout=1000)
    assert kit.wait("kept")["Timeout"] == 9


def test_a_command_of_the_function_replaces_the_images(kit: Kit) -> None:
    kit.create("commanded", ImageConfig={"Command": ["other", "words"]})
    said = kit.said("commanded")
    assert said["program"] == "other"
    assert said["environment"]["_HANDLER"] == "other"


def test_a_function_exists_once_and_is_found_by_name_and_arn(kit: Kit) -> None:
    made = kit.create("single-one", Tags={"k": "v"})
    with pytest.raises(ClientError, match="Function already exist: single-one") as error:
        kit.create("single-one")
    assert refusal(error) == ("ResourceConflictException", 409)
    found = kit.client.get_function(FunctionName=made["FunctionArn"])
    assert found["Configuration"]["FunctionName"] == "single-one"
    assert found["Tags"] == {"k": "v"}
    kit.client.tag_resource(Resource=made["FunctionArn"], Tags={"l": "w"})
    kit.client.untag_resource(Resource=made["FunctionArn"], TagKeys=["k"])
    assert kit.client.list_tags(Resource=made["FunctionArn"])["Tags"] == {"l": "w"}
    names = [each["FunctionName"] for each in kit.client.list_functions()["Functions"]]
    assert "single-one" in names


def test_a_call_that_is_not_emulated_says_so(kit: Kit) -> None:
    with pytest.raises(ClientError, match="not known to the local cloud"):
        kit.client.list_layers()


def test_reads_are_no_writes_and_an_invocation_is_one(kit: Kit) -> None:
    kit.create("counted")
    before = kit.cloud.counters()
    kit.client.get_function(FunctionName="counted")
    kit.client.list_versions_by_function(FunctionName="counted")
    assert kit.cloud.counters()["api_writes"] == before["api_writes"]
    kit.invoke("counted")
    after = kit.cloud.counters()
    assert after["api_writes"] == before["api_writes"] + 1
    assert after["lambda_invocations"] == before["lambda_invocations"] + 1
