"""The address of a function."""

from __future__ import annotations

import pulumi

from provider.sdk import Provider, ProviderArgs, Together, TogetherArgs
from tests.engine import build
from tests.unit.test_components_lambda import ROLLOUT, notifier, program

URL = "aws:lambda/functionUrl:FunctionUrl"
PERMISSION = "aws:lambda/permission:Permission"


def test_an_address_is_for_callers_that_aws_knows_unless_it_is_public() -> None:
    closed, public = notifier(url=True), notifier(url="public")

    assert closed.one(URL).inputs["authorizationType"] == "AWS_IAM"
    assert closed.of(PERMISSION) == []
    assert public.one(URL).inputs["authorizationType"] == "NONE"
    assert {each.inputs["action"]: each.inputs for each in public.of(PERMISSION)} == {
        "lambda:InvokeFunctionUrl": {
            "action": "lambda:InvokeFunctionUrl",
            "function": "dev-notifier",
            "functionUrlAuthType": "NONE",
            "principal": "*",
            "qualifier": "live",
        },
        "lambda:InvokeFunction": {
            "action": "lambda:InvokeFunction",
            "function": "dev-notifier",
            "invokedViaFunctionUrl": True,
            "principal": "*",
            "qualifier": "live",
        },
    }


def test_the_address_waits_for_the_alias_that_the_rollout_makes() -> None:
    recording = notifier(url=True)
    made = recording.one(URL)

    assert made.inputs["qualifier"] == "live"
    assert recording.one(ROLLOUT).urn in made.dependencies
    assert recording.result["url"] == "https://0a1b2c.lambda-url.eu-west-1.on.aws/"
    assert notifier().of(URL) == []


def test_services_that_switch_together_get_their_address_after_the_last_word() -> None:
    def whole() -> pulumi.Output[str] | None:
        service = program(url=True, args={"policy": "together"})
        assert service.url is None
        actor = Provider("actor", ProviderArgs(region="eu-west-1"))
        last = Together(
            "together", TogetherArgs(verdicts={}), pulumi.ResourceOptions(provider=actor)
        )
        service.add_address(last)
        return service.url

    recording = build(whole)

    assert recording.one("rollout:index:Together").urn in recording.one(URL).dependencies
    assert recording.result == "https://0a1b2c.lambda-url.eu-west-1.on.aws/"
    assert notifier(url=True, args={"policy": "together"}).of(URL) == []
