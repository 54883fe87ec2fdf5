"""What a person would prepare in an account, done in the embedded cloud."""

from __future__ import annotations

import json
import os
from pathlib import Path

from cli.local_stack import CLOUD, STATE
from clients.aws import AwsAccess, client

_SERVICES = ("ecr", "ssm")


def give_parameter(name: str, value: str) -> None:
    """Puts a secret parameter, as `aws ssm put-parameter --type SecureString` does."""
    client(_access(), "ssm").put_parameter(
        Name=name, Value=value, Type="SecureString", Overwrite=True
    )


def log_in() -> None:
    """Logs Docker in to the cloud's registry, in a configuration of its own, for this process and
    what it starts: as `aws ecr get-login-password | docker login` does."""
    token = client(_access(), "ecr").get_authorization_token()["authorizationData"][0]
    host = token["proxyEndpoint"].partition("//")[2]
    folder = STATE / "docker-config"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "config.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps({"auths": {host: {"auth": token["authorizationToken"]}}}))
    plugins = folder / "cli-plugins"
    if not plugins.is_symlink():
        plugins.symlink_to(Path.home() / ".docker" / "cli-plugins")
    os.environ["DOCKER_CONFIG"] = str(folder)


def _access() -> AwsAccess:
    return AwsAccess(
        region="eu-west-1",
        endpoints=tuple((service, CLOUD) for service in _SERVICES),
        access_key="local",
        secret_key="local",  # noqa: S106 -- the local cloud takes any word
    )
