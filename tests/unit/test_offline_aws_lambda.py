"""What the offline aws plugin knows of functions and of what stands around services, on moto."""

from __future__ import annotations

import json
from collections.abc import Iterator

import grpc
import pytest
from botocore.exceptions import ClientError

from offline.plugin.wire import UNKNOWN
from tests.offline_aws_engine import Engine, State, configuration, engine
from tests.offline_aws_examples import World, once
from tests.offline_aws_workloads import IMAGE, NEWER, cluster, role_arn

FUNCTION = "aws:lambda/function:Function"
PERMISSION = "aws:lambda/permission:Permission"
NOT_FOUND = {"contentType": "text/plain", "statusCode": "404"}
LISTENER = "aws:lb/listener:Listener"


@pytest.fixture(scope="module")
def world(moto_url: str) -> Iterator[World]:
    with engine(configuration(moto_url)) as asking:
        yield World(asking, moto_url, "", "", "")


def function(world: World, **more: object) -> State:
    return {"packageType": "Image", "imageUri": IMAGE, "role": role_arn(world), **more}


def test_a_function_is_made_from_an_image_alone(asking: Engine) -> None:
    _, failures = asking.check(FUNCTION, "f", {"role": "r"})
    assert "packageType is 'Zip'" in "\n".join(failures)
    _, failures = asking.check(FUNCTION, "f", {"role": "r", "packageType": "Image"})
    assert "imageUri is required" in "\n".join(failures)


def test_a_new_image_is_a_change_in_place_and_a_version_only_where_one_is_published(
    world: World,
) -> None:
    asking = world.engine
    for publish, expected in ((False, "$LATEST"), (True, "1")):
        inputs = function(world, name=f"published-{publish}", publish=publish)
        made = asking.create(FUNCTION, "f", inputs)
        assert made.state["version"] == expected
        assert made.state["qualifiedArn"] == f"{made.state['arn']}:{expected}"
        changed = {**inputs, "imageUri": NEWER}
        difference = asking.diff(made, changed)
        assert (list(difference.diffs), list(difference.replaces)) == (["imageUri"], [])
        seen = asking.update(made, changed, preview=True).state
        assert seen["codeSha256"] is UNKNOWN
        assert (seen["version"] is UNKNOWN) is publish
        asking.delete(made)


def test_settings_that_are_taken_away_are_gone_at_aws_too(world: World) -> None:
    asking = world.engine
    first = function(world, name="plain", description="x", environment={"variables": {"A": "1"}})
    made = asking.create(FUNCTION, "f", first)
    asking.update(made, function(world, name="plain"))
    told = world.aws("lambda").get_function_configuration(FunctionName="plain")
    assert told["Description"] == ""
    assert not told.get("Environment", {}).get("Variables")


def test_a_public_url_may_be_called_by_everybody_and_one_with_iam_by_nobody_else(
    world: World,
) -> None:
    asking = world.engine
    asking.create(FUNCTION, "f", function(world, name="open"))
    token = "aws:lambda/functionUrl:FunctionUrl"
    inputs = {"functionName": "open", "authorizationType": "NONE"}
    made = asking.create(token, "u", inputs)
    policy = world.aws("lambda").get_policy(FunctionName="open")["Policy"]
    assert [each["Sid"] for each in json.loads(policy)["Statement"]] == [
        "FunctionURLAllowPublicAccess"
    ]
    asking.update(made, {**inputs, "authorizationType": "AWS_IAM"})
    with pytest.raises(ClientError, match="ResourceNotFound"):
        world.aws("lambda").get_policy(FunctionName="open")


@pytest.mark.parametrize(
    "given",
    [
        {"action": "lambda:InvokeFunctionUrl", "functionUrlAuthType": "NONE"},
        {"action": "lambda:InvokeFunction", "invokedViaFunctionUrl": True},
        {"action": "lambda:InvokeFunction", "sourceAccount": "123456789012"},
    ],
)
def test_a_permission_for_everybody_has_no_diff_after_a_refresh(world: World, given: State) -> None:
    once(world, FUNCTION, "shared", function(world, name="shared"))
    inputs = {"function": "shared", "principal": "*", **given}
    made = world.engine.create(PERMISSION, "p", inputs)
    seen = world.engine.read(made)
    assert seen is not None
    assert world.engine.changed(seen, inputs) == []
    world.engine.delete(made)


def test_a_permission_is_read_back_as_it_was_given(world: World) -> None:
    asking = world.engine
    asking.create(FUNCTION, "f", function(world, name="asked"))
    inputs = {
        "action": "lambda:InvokeFunction",
        "function": "asked",
        "principal": "events.amazonaws.com",
        "sourceArn": "arn:aws:events:eu-west-1:123456789012:rule/nightly",
    }
    made = asking.create(PERMISSION, "p", inputs)
    other = asking.diff(made, {**inputs, "sourceArn": "arn:aws:events:eu-west-1:1:rule/x"})
    assert list(other.replaces) == ["sourceArn"]
    assert not other.deleteBeforeReplace, "its name is made, so the new one can come first"


def test_a_name_that_would_be_too_long_is_refused_with_its_length(asking: Engine) -> None:
    token = "aws:lb/loadBalancer:LoadBalancer"
    _, failures = asking.check(token, "a-name-of-more-than-25-letters", {})
    assert "longer than 32 characters; give name yourself" in "\n".join(failures)


def test_a_cluster_and_a_secret_are_looked_up_and_missing_ones_named(world: World) -> None:
    cluster(world)
    made = world.aws("secretsmanager").create_secret(Name="backend/key", SecretString="hush")
    ask = world.engine.invoke
    found = ask("aws:ecs/getCluster:getCluster", clusterName="main")
    assert found["status"] == "ACTIVE"
    secret = ask("aws:secretsmanager/getSecret:getSecret", name="backend/key")
    assert secret["arn"] == made["ARN"]
    assert "hush" not in json.dumps(secret)
    with pytest.raises(grpc.RpcError) as error:
        ask("aws:ecs/getCluster:getCluster", clusterName="none")
    assert "ECS cluster 'none' does not exist in eu-west-1" in error.value.details()
    with pytest.raises(grpc.RpcError) as error:
        ask("aws:secretsmanager/getSecret:getSecret", name="backend/none")
    assert "secret 'backend/none' does not exist in eu-west-1" in error.value.details()
    with pytest.raises(grpc.RpcError) as error:
        ask("aws:ec2/getSubnet:getSubnet", id="subnet-00000000")
    assert "subnet-00000000" in error.value.details()
    assert "look at its name or id and at aws:region" in error.value.details()


def test_a_listener_of_a_balancer_that_is_gone_says_so_in_awss_words(world: World) -> None:
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/none/1"
    action = {"type": "fixed-response", "fixedResponse": NOT_FOUND}
    inputs = {"loadBalancerArn": arn, "port": 80, "protocol": "HTTP", "defaultActions": [action]}
    with pytest.raises(grpc.RpcError) as error:
        world.engine.create(LISTENER, "l", inputs)
    assert "CreateListener refused: LoadBalancerNotFound" in error.value.details()


def test_a_log_groups_retention_may_be_taken_away(world: World) -> None:
    token = "aws:cloudwatch/logGroup:LogGroup"
    made = once(world, token, "logs", {"name": "/kept", "retentionInDays": 7})
    assert made.state["arn"].endswith(":log-group:/kept")
    world.engine.update(made, {"name": "/kept"})
    told = world.aws("logs").describe_log_groups(logGroupNamePrefix="/kept")["logGroups"][0]
    assert "retentionInDays" not in told
