"""A function URL is real HTTP, for those whom the resource policy lets in."""

import json
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.localcloud.lambda_kit import Kit, refusal


def open_to_all(kit: Kit, name: str, *, invoke: bool = True, **resource: str) -> None:
    """The two permissions that AWS asks of a public URL."""
    kit.client.add_permission(
        FunctionName=name,
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
        **resource,
    )
    if invoke:
        kit.client.add_permission(
            FunctionName=name,
            StatementId="invoke",
            Action="lambda:InvokeFunction",
            Principal="*",
            InvokedViaFunctionUrl=True,
            **resource,
        )


@pytest.fixture(scope="module")
def url(kit: Kit) -> str:
    """The URL of a public function."""
    kit.create("public", Timeout=10)
    made = kit.client.create_function_url_config(FunctionName="public", AuthType="NONE")
    open_to_all(kit, "public")
    return str(made["FunctionUrl"])


def test_a_request_is_an_event_of_format_two(url: str) -> None:
    answer = requests.post(
        f"{url}a%20b/c?x=1&x=2&y=", data="hello", timeout=30,
        headers={"Content-Type": "text/plain", "X-Thing": "t", "Cookie": "k=v; l=w"},
    )  # fmt: skip
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    event = answer.json()["event"]
    http = event["requestContext"]["http"]
    assert (event["version"], event["routeKey"]) == ("2.0", "$default")
    assert (event["rawPath"], event["rawQueryString"]) == ("/a%20b/c", "x=1&x=2&y=")
    assert event["queryStringParameters"] == {"x": "1,2", "y": ""}
    assert (event["body"], event["isBase64Encoded"]) == ("hello", False)
    assert (event["cookies"], event["headers"]["x-thing"]) == (["k=v", "l=w"], "t")
    assert (http["method"], http["sourceIp"]) == ("POST", "127.0.0.1")


def test_the_address_is_on_loopback_and_none_of_the_api(kit: Kit, url: str) -> None:
    host = url.removeprefix("http://").rstrip("/")
    address, _, port = host.partition(":")
    assert address.startswith("127.")
    assert address != "127.0.0.1"
    assert int(port) == kit.cloud.port


def respond(kit: Kit, url: str, value: Any) -> requests.Response:
    """What a client sees when the function answers `value`."""
    environment = {"Variables": {"ANSWER": json.dumps(value)}}
    kit.client.update_function_configuration(FunctionName="public", Environment=environment)
    kit.wait("public")
    return requests.get(url, timeout=30)


def test_a_function_chooses_status_headers_cookies_and_body(kit: Kit, url: str) -> None:
    said = {"statusCode": 201, "headers": {"X-Own": "o"}, "cookies": ["a=1; Secure"], "body": "hi"}
    answer = respond(kit, url, said)
    assert (answer.status_code, answer.text, answer.headers["X-Own"]) == (201, "hi", "o")
    assert answer.headers["Set-Cookie"] == "a=1; Secure"
    encoded = {"statusCode": 200, "body": "AAEC", "isBase64Encoded": True}
    assert respond(kit, url, encoded).content == b"\x00\x01\x02"
    assert respond(kit, url, {"statusCode": "none"}).status_code == 502


def test_a_failing_function_is_a_bad_gateway(kit: Kit) -> None:
    kit.images.push("broken", "broken-url")
    kit.create("broken-url", "broken-url")
    made = kit.client.create_function_url_config(FunctionName="broken-url", AuthType="NONE")
    open_to_all(kit, "broken-url")
    assert requests.get(made["FunctionUrl"], timeout=30).status_code == 502


def test_a_url_without_both_permissions_is_forbidden(kit: Kit) -> None:
    kit.create("private")
    made = kit.client.create_function_url_config(FunctionName="private", AuthType="NONE")
    before = kit.cloud.counters()["lambda_invocations"]
    assert requests.get(made["FunctionUrl"], timeout=30).status_code == 403
    open_to_all(kit, "private", invoke=False)
    answer = requests.get(made["FunctionUrl"], timeout=30)
    assert (answer.status_code, answer.json()) == (403, {"Message": "Forbidden"})
    assert kit.cloud.counters()["lambda_invocations"] == before


def test_a_signed_url_lets_only_signed_requests_in(kit: Kit) -> None:
    kit.create("signed")
    made = kit.client.create_function_url_config(FunctionName="signed", AuthType="AWS_IAM")
    assert requests.get(made["FunctionUrl"], timeout=30).status_code == 403
    signature = "AWS4-HMAC-SHA256 Credential=any/20261121/eu-west-1/lambda/aws4_request"
    answer = requests.get(made["FunctionUrl"], headers={"Authorization": signature}, timeout=30)
    assert answer.status_code == 200


def test_an_alias_has_a_url_of_its_own(kit: Kit) -> None:
    kit.create("aliased")
    kit.publish("aliased")
    with pytest.raises(ClientError) as error:
        kit.client.create_function_url_config(
            FunctionName="aliased", Qualifier="live", AuthType="NONE"
        )
    assert refusal(error) == ("ResourceNotFoundException", 404)
    kit.client.create_alias(FunctionName="aliased", Name="live", FunctionVersion="1")
    made = kit.client.create_function_url_config(
        FunctionName="aliased", Qualifier="live", AuthType="NONE"
    )
    open_to_all(kit, "aliased", Qualifier="live")
    said = requests.get(made["FunctionUrl"], timeout=30).json()
    assert said["environment"]["AWS_LAMBDA_FUNCTION_VERSION"] == "1"
    assert said["arn"].endswith(":live")
    kit.client.delete_function_url_config(FunctionName="aliased", Qualifier="live")
    with pytest.raises(requests.ConnectionError):
        requests.get(made["FunctionUrl"], timeout=5)


def test_a_policy_is_shown_as_it_was_made(kit: Kit) -> None:
    kit.create("allowed")
    with pytest.raises(ClientError) as error:
        kit.client.get_policy(FunctionName="allowed")
    assert refusal(error) == ("ResourceNotFoundException", 404)
    rule = "arn:aws:events:eu-west-1:123456789012:rule/r"
    wish = {
        "FunctionName": "allowed",
        "StatementId": "s",
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
        "SourceArn": rule,
    }
    kit.client.add_permission(**wish)
    with pytest.raises(ClientError, match="provided already exists") as error:
        kit.client.add_permission(**wish)
    assert refusal(error) == ("ResourceConflictException", 409)
    (statement,) = json.loads(kit.client.get_policy(FunctionName="allowed")["Policy"])["Statement"]
    assert statement == {
        "Sid": "s",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:allowed",
        "Condition": {"ArnLike": {"AWS:SourceArn": rule}},
    }
    kit.client.remove_permission(FunctionName="allowed", StatementId="s")
    with pytest.raises(ClientError) as error:
        kit.client.remove_permission(FunctionName="allowed", StatementId="s")
    assert refusal(error) == ("ResourceNotFoundException", 404)
