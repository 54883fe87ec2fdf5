"""How an invocation that does not succeed ends, and which ones do not begin."""

import base64
import time

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.lambda_kit import Kit, refusal


def test_a_function_that_takes_too_long_is_killed(kit: Kit) -> None:
    kit.create("slow", Timeout=3)
    begun = time.monotonic()
    said, answer = kit.invoke("slow", {"sleep": 30})
    assert time.monotonic() - begun < 25
    assert answer["FunctionError"] == "Unhandled"
    assert said["errorType"] == "Sandbox.Timedout"
    assert said["errorMessage"].endswith("Task timed out after 3.00 seconds")
    assert kit.invoke("slow")[0]["count"] == 1, "a new one, not the one that was killed"


def test_a_function_that_ends_is_told_by_its_exit_code(kit: Kit) -> None:
    kit.create("ending")
    said, answer = kit.invoke("ending", {"exit": 7})
    assert answer["FunctionError"] == "Unhandled"
    assert said["errorType"] == "Runtime.ExitError"
    assert said["errorMessage"].endswith("Error: Runtime exited with error: exit status 7")
    said, _ = kit.invoke("ending", {"exit": 0})
    assert said["errorMessage"].endswith("Error: Runtime exited without providing a reason")


def test_a_function_that_raises_stays_warm(kit: Kit) -> None:
    kit.create("raising")
    said, answer = kit.invoke("raising", {"raise": "no such order"})
    assert answer["FunctionError"] == "Unhandled"
    assert said == {"errorType": "ValueError", "errorMessage": "no such order"}
    assert kit.invoke("raising")[0]["count"] == 2


@pytest.mark.parametrize(
    ("tag", "kind", "message"),
    [
        ("broken", "Runtime.ExitError", "exit status 3"),
        ("init-error", "Runtime.ImportModuleError", "no module"),
    ],
)
def test_an_image_that_does_not_start_is_told_why(
    kit: Kit, tag: str, kind: str, message: str
) -> None:
    kit.images.push(tag, tag)
    kit.create(tag, tag)
    said, answer = kit.invoke(tag, LogType="Tail")
    assert (answer["FunctionError"], said["errorType"]) == ("Unhandled", kind)
    assert message in said["errorMessage"]
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert f"Status: error\tError Type: {kind}" in tail


def test_a_function_has_no_more_memory_than_it_says(kit: Kit) -> None:
    kit.create("hungry", MemorySize=128, Timeout=20)
    said, answer = kit.invoke("hungry", {"hog": 400})
    assert answer["FunctionError"] == "Unhandled"
    assert said["errorMessage"].endswith("signal: killed")


def test_an_image_of_another_architecture_cannot_be_executed(kit: Kit) -> None:
    kit.create("foreign", Architectures=["arm64"])
    said, _ = kit.invoke("foreign")
    assert said["errorType"] == "Runtime.InvalidEntrypoint"
    assert "exec format error" in said["errorMessage"]


def test_what_is_no_event_is_refused(kit: Kit) -> None:
    kit.create("strict")
    with pytest.raises(ClientError) as error:
        kit.client.invoke(FunctionName="strict", Payload=b"{no json")
    assert refusal(error) == ("InvalidRequestContentException", 400)
    with pytest.raises(ClientError) as error:
        kit.client.invoke(FunctionName="strict", Payload=b" " * (6291456 + 1))
    assert refusal(error) == ("RequestTooLargeException", 413)


def test_a_role_that_lambda_cannot_assume_any_more_stops_invocations(kit: Kit) -> None:
    kit.create("orphan", Role=kit.new_role("brief"))
    kit.cloud.client("iam").delete_role(RoleName="brief")
    with pytest.raises(ClientError, match="cannot be assumed by Lambda") as error:
        kit.invoke("orphan")
    assert refusal(error) == ("AccessDeniedException", 403)


def test_a_function_without_concurrency_is_not_invoked(kit: Kit) -> None:
    kit.create("stopped")
    kit.client.put_function_concurrency(FunctionName="stopped", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as error:
        kit.cloud.client("lambda", config=kit.once).invoke(FunctionName="stopped")
    assert refusal(error) == ("TooManyRequestsException", 429)
