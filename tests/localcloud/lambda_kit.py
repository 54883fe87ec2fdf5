"""Functions for tests: roles, images, waiting."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.localcloud.cloud import Cloud
from tests.localcloud.lambda_images import Images

LOGGING = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    """Code and status of a refusal."""
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def trust_of(service: str) -> str:
    """A trust policy for a service of AWS."""
    principal = {"Service": service}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass(frozen=True)
class Kit:
    """Makes functions of a cloud."""

    cloud: Cloud
    images: Images
    role: str

    @property
    def client(self) -> Any:
        """A client of Lambda."""
        return self.cloud.client("lambda")

    @property
    def once(self) -> Config:
        """A client's setting: no second attempt after a refusal."""
        return Config(retries={"total_max_attempts": 1})

    def new_role(self, name: str, service: str = "lambda.amazonaws.com") -> str:
        """A role that a service may assume, without any rights; gives its ARN."""
        iam = self.cloud.client("iam")
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_of(service))
        return str(made["Role"]["Arn"])

    def create(self, name: str, tag: str = "one", **options: Any) -> dict[str, Any]:
        """A function from an image of the repository, active; with time for a slow machine."""
        code = {"ImageUri": f"{self.images.uri}:{tag}"}
        wish: dict[str, Any] = {"FunctionName": name, "PackageType": "Image", "Timeout": 20}
        wish |= {"Role": self.role, "Code": code}
        made: dict[str, Any] = self.client.create_function(**{**wish, **options})
        self.wait(name)
        return made

    def wait(self, name: str, **options: Any) -> dict[str, Any]:
        """Waits until nothing changes any more; gives the configuration."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found: dict[str, Any] = self.client.get_function_configuration(
                FunctionName=name, **options
            )
            if found.get("LastUpdateStatus") != "InProgress" and found["State"] != "Pending":
                return found
            time.sleep(0.05)
        raise AssertionError(f"{name} still changes after 60 s")

    def update(self, name: str, tag: str, **options: Any) -> dict[str, Any]:
        """Gives a function another image and waits."""
        uri = f"{self.images.uri}:{tag}"
        self.client.update_function_code(FunctionName=name, ImageUri=uri, **options)
        return self.wait(name)

    def publish(self, name: str) -> str:
        """Publishes a version and waits; gives its number."""
        number = str(self.client.publish_version(FunctionName=name)["Version"])
        self.wait(name, Qualifier=number)
        return number

    def invoke(self, name: str, event: object = None, **options: Any) -> tuple[Any, dict[str, Any]]:
        """The payload of an invocation and the rest of its answer."""
        body = json.dumps({} if event is None else event).encode()
        answer = self.client.invoke(FunctionName=name, Payload=body, **options)
        payload = answer["Payload"].read()
        return json.loads(payload) if payload else None, answer

    def said(self, name: str, **options: Any) -> dict[str, Any]:
        """What a program of ours answers; a failed invocation fails with its own words."""
        payload, answer = self.invoke(name, **options)
        assert "FunctionError" not in answer, payload
        said: dict[str, Any] = payload
        return said
