"""The sample notifier runs as it would on AWS, and reads its token with its role's credentials."""

import base64
from pathlib import Path

import pytest

from tests.localcloud.lambda_kit import Kit

SSM = "arn:aws:ssm:eu-west-1:123456789012:parameter"
SOURCE = Path(__file__).resolve().parents[2] / "services" / "notifier"


@pytest.fixture(scope="module")
def notifier(kit: Kit) -> Kit:
    """A function of the sample's own files, whose environment names its token."""
    files = {f"app/{path.name}": path.read_text() for path in SOURCE.glob("*.py")}
    runs = {"config": {"Cmd": ["python3", "-u", "/app/app.py"], "WorkingDir": "/app"}}
    kit.images.with_files(files).push("", "notifier", runs=runs)
    variables = {"TOKEN_ARN": f"{SSM}/notifier/token"}
    kit.create("notifier", "notifier", Timeout=20, Environment={"Variables": variables})
    return kit


def test_it_answers_a_smoke_event_with_its_version(notifier: Kit) -> None:
    notifier.publish("notifier")
    said, answer = notifier.invoke("notifier", {"ping": True}, Qualifier="1")
    assert said == {"ok": True, "version": "1"}
    assert "FunctionError" not in answer


def test_a_bad_event_is_an_error_of_the_function(notifier: Kit) -> None:
    said, answer = notifier.invoke("notifier", {"ping": "pong"})
    assert answer["FunctionError"] == "Unhandled"
    assert said["errorType"] == "ValueError"


@pytest.mark.parametrize("service", ["ssm", "secretsmanager"])
def test_it_reads_its_token_by_reference(notifier: Kit, service: str) -> None:
    client, reference = notifier.cloud.client(service), f"{SSM}/notifier/token"
    if service == "ssm":
        client.put_parameter(Name="/notifier/token", Value="t0ken", Type="SecureString")
    else:
        reference = client.create_secret(Name="token", SecretString="t0ken")["ARN"]
    notifier.client.update_function_configuration(
        FunctionName="notifier", Environment={"Variables": {"TOKEN_ARN": reference}}
    )
    notifier.wait("notifier")
    said, answer = notifier.invoke("notifier", {"notify": "hello"}, LogType="Tail")
    assert said == {"sent": True, "authorized": True, "version": "$LATEST"}
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert "notice of 5 characters, with a token" in tail
    assert "t0ken" not in tail


def test_a_reference_that_leads_nowhere_is_an_error(notifier: Kit) -> None:
    notifier.client.update_function_configuration(
        FunctionName="notifier", Environment={"Variables": {"TOKEN_ARN": f"{SSM}/nowhere"}}
    )
    notifier.wait("notifier")
    said, answer = notifier.invoke("notifier", {"notify": "hello"})
    assert (answer["FunctionError"], said["errorType"]) == ("Unhandled", "HTTPError")
