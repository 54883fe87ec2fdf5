"""A running cloud of the tests and a machine of it."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import docker
import requests

from localcloud.place import Place
from tests.machine_words import container_of, words_of

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-west-1"
UBUNTU = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
USER_DATA = "#!/bin/sh\necho made by user data > /root/made\nenv > /root/environment\n"


def everywhere(*actions: str) -> str:
    """A policy that allows actions on everything."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


WORK = everywhere("s3:*", "ecr:*", "ssm:GetParametersByPath")
"""What the tests do on machines, beyond what SSM needs."""
READING = everywhere("ssm:GetParameter", "secretsmanager:GetSecretValue")
"""What functions of the tests read."""


def localcloud(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the room's command line."""
    return subprocess.run(
        [sys.executable, "-m", "localcloud", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@dataclass(frozen=True)
class Cloud:
    """A running cloud: its state folder and ports."""

    state: Path
    port: int
    registry_port: int

    @property
    def url(self) -> str:
        """The API's endpoint."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def registry(self) -> str:
        """The registry front's URL."""
        return f"http://127.0.0.1:{self.registry_port}"

    def client(self, service: str, region: str = REGION, **options: Any) -> Any:
        """A boto3 client; without keys one with any word as a key."""
        keys = {"aws_access_key_id": "any", "aws_secret_access_key": "word", **options}
        return boto3.client(service, region_name=region, endpoint_url=self.url, **keys)

    def counters(self) -> dict[str, int]:
        """The counters as they are."""
        values: dict[str, int] = requests.get(f"{self.url}/_localcloud/counters", timeout=10).json()
        return values

    def limits(self, **limits: float) -> requests.Response:
        """Changes limits."""
        return requests.post(f"{self.url}/_localcloud/limits", json=limits, timeout=10)

    def token(self, region: str = REGION, key: str = "any") -> tuple[str, str]:
        """A registry login of the account of an access key: user and password."""
        ecr = self.client("ecr", region, aws_access_key_id=key)
        return login_of(ecr.get_authorization_token()["authorizationData"][0])


def login_of(data: dict[str, Any]) -> tuple[str, str]:
    """User and password of an authorization token."""
    user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    return user, password


@dataclass(frozen=True)
class Machine:
    """An instance and what is needed to run commands on it."""

    cloud: Cloud
    id: str
    key: str = "any"
    """The access key to command it with."""

    @property
    def ssm(self) -> Any:
        """The client that commands it."""
        return self.cloud.client("ssm", aws_access_key_id=self.key)

    def send(self, *commands: str, seconds: int = 60) -> str:
        """Sends shell commands; gives the command's id."""
        parameters = {"commands": list(commands), "executionTimeout": [str(seconds)]}
        return self.send_document("AWS-RunShellScript", parameters)

    def send_document(self, name: str, parameters: dict[str, list[str]], **options: Any) -> str:
        """Sends a document; gives the command's id."""
        answer = self.ssm.send_command(
            DocumentName=name, InstanceIds=[self.id], Parameters=parameters, **options
        )
        return str(answer["Command"]["CommandId"])

    def wait(self, command: str, seconds: float = 60) -> dict[str, Any]:
        """Waits for a command's end; gives its invocation."""
        ssm = self.ssm
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(0.05)
            try:
                found = ssm.get_command_invocation(CommandId=command, InstanceId=self.id)
            except ssm.exceptions.InvocationDoesNotExist:
                continue
            if found["Status"] not in ("Pending", "InProgress", "Cancelling"):
                return dict(found)
        raise AssertionError(f"command {command} has not ended after {seconds} s")

    def run(self, *commands: str, seconds: int = 60) -> dict[str, Any]:
        """Runs shell commands to their end."""
        return self.wait(self.send(*commands, seconds=seconds))

    def ping(self) -> str | None:
        """What SSM says of the machine; None if it doesn't know it."""
        wish = [{"Key": "InstanceIds", "Values": [self.id]}]
        found = self.ssm.describe_instance_information(Filters=wish)
        entries = found["InstanceInformationList"]
        return entries[0]["PingStatus"] if entries else None

    def wait_online(self, seconds: float = 30) -> None:
        """Waits until the machine is online."""
        deadline = time.monotonic() + seconds
        while self.ping() != "Online":
            assert time.monotonic() < deadline, f"{self.id} is not online after {seconds} s"
            time.sleep(0.1)


Launch = Callable[..., Machine]


def container(machine: Machine) -> str:
    """The name of a machine's container."""
    return container_of(Place.of(machine.cloud.state), machine.id)


def inside(machine: Machine, script: str) -> str:
    """What a script prints on the machine, run without SSM."""
    api = docker.from_env().api

    def run(argv: list[str]) -> None:
        api.exec_start(api.exec_create(container(machine), argv)["Id"])

    argv = ["sh", "-c", script]
    return words_of(Place.of(machine.cloud.state), machine.id, argv, run)[1]
