"""Functions run their images: what they find, what they reach, how long they stay."""

import time

import docker
import pytest
from botocore.exceptions import ClientError

from localcloud.place import Place
from tests.localcloud.lambda_kit import Kit


def test_a_function_answers_with_what_its_image_says(kit: Kit) -> None:
    kit.create("plain", Timeout=20)
    begun, before = time.time(), kit.cloud.counters()["lambda_invocations"]
    said, answer = kit.invoke("plain", {"a": 1})
    assert (said["program"], said["event"]) == ("one", {"a": 1})
    assert said["arn"] == "arn:aws:lambda:eu-west-1:123456789012:function:plain"
    assert begun + 15 < int(said["deadline"]) / 1000 < begun + 60
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    assert kit.cloud.counters()["lambda_invocations"] == before + 1


def test_a_function_finds_lambdas_variables_and_its_own(kit: Kit) -> None:
    variables = {"COLOR": "red", "TOKEN": "parameter:/x"}
    kit.create("variables", MemorySize=256, Environment={"Variables": variables})
    found = kit.invoke("variables")[0]["environment"]
    wanted = {
        **variables,
        "_HANDLER": "one",
        "AWS_REGION": "eu-west-1",
        "AWS_LAMBDA_FUNCTION_NAME": "variables",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/variables",
    }
    assert wanted.items() <= found.items()


def test_a_function_holds_credentials_of_its_role_that_end(kit: Kit, usual_limits: None) -> None:
    kit.cloud.limits(role_credentials_seconds=6)
    kit.create("credentials")
    found = kit.invoke("credentials")[0]["environment"]
    sts = kit.cloud.client(
        "sts",
        aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=found["AWS_SESSION_TOKEN"],
    )
    arn = sts.get_caller_identity()["Arn"]
    assert arn == "arn:aws:sts::123456789012:assumed-role/function/credentials"
    time.sleep(6.1)
    with pytest.raises(ClientError, match="expired"):
        sts.get_caller_identity()
    again = kit.invoke("credentials")[0]["environment"]
    assert again["AWS_ACCESS_KEY_ID"] != found["AWS_ACCESS_KEY_ID"]


def test_a_function_reaches_the_cloud_and_nobody_else_reaches_its_way(kit: Kit) -> None:
    kit.create("reaching")
    environment = kit.invoke("reaching")[0]["environment"]
    endpoint, api = environment["AWS_ENDPOINT_URL"], environment["AWS_LAMBDA_RUNTIME_API"]
    assert not endpoint.startswith("http://127."), "the way in is the containers' own network"
    health = f"{endpoint}/_localcloud/health"
    assert kit.invoke("reaching", {"fetch": [health]})[0]["fetched"] == {health: 200}
    engine = docker.from_env()
    script = (
        "import sys, urllib.request, urllib.error\n"
        "for url in sys.argv[1:]:\n"
        "    try: print(urllib.request.urlopen(url, timeout=5).status)\n"
        "    except urllib.error.HTTPError as error: print(error.code)\n"
    )
    image = kit.client.get_function(FunctionName="reaching")["Code"]["ResolvedImageUri"]
    said = engine.containers.run(
        image,
        entrypoint=["python3", "-c", script],
        command=[health, f"http://{api}/2018-06-01/runtime/invocation/next"],
        network=f"slipway-{Place.of(kit.cloud.state).label}",
        remove=True,
    )
    assert said.split() == [b"403", b"403"]


def test_a_function_may_write_to_tmp_alone_and_is_nobody(kit: Kit) -> None:
    kit.create("writing")
    tmp = "/tmp/x"  # noqa: S108 -- in the container
    said, _ = kit.invoke("writing", {"write": [tmp, "/x", "/var/x"]})
    written = said["written"]
    assert written[tmp] is True
    assert "Read-only" in written["/x"]
    assert "Read-only" in written["/var/x"]
    assert said["uid"] not in (0, 65534), "Lambda ignores the image's USER"


def test_a_warm_function_is_asked_again_and_frozen_meanwhile(kit: Kit) -> None:
    kit.create("warm")
    assert [kit.invoke("warm")[0]["count"] for _ in range(3)] == [1, 2, 3]
    owner = "slipway.localcloud.owner=arn:aws:lambda:eu-west-1:123456789012:function:warm"
    deadline = time.monotonic() + 5
    states: list[str] = []
    while states != ["paused"] and time.monotonic() < deadline:
        found = docker.from_env().api.containers(filters={"label": owner})
        states = [container["State"] for container in found]
    assert states == ["paused"]
    assert kit.invoke("warm")[0]["count"] == 4
