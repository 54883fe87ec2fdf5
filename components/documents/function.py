"""One function of Lambda as the stack file writes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from components.documents.grammar import check
from components.documents.log_retention import check_retention
from components.documents.secret_reference import check_variables, parse_reference

Architecture = Literal["x86_64", "arm64"]
"""The processor that a function or a task runs on."""

PLATFORMS: Mapping[str, str] = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}
"""The platform of an image for each of them."""

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_RESERVED_PREFIXES = ("AWS_", "LAMBDA_", "_")


@dataclass(frozen=True, kw_only=True)
class LambdaServiceSpec:
    """What Lambda must know of one function. Raises `ValueError` for what it would refuse."""

    name: str
    """Name of the function after the stack's."""
    memory: int = 256
    """MiB, 128 to 10240; the processor's share follows it."""
    timeout: int = 30
    """Seconds that one invocation may take, 1 to 900."""
    architecture: Architecture = "x86_64"
    """Processor."""
    url: bool | Literal["public"] = False
    """An HTTPS address: true for callers that AWS knows, `public` for everybody."""
    smoke: Any = field(default_factory=dict)
    """The event that a new version has to answer before it serves; anything that JSON can say."""
    deadline: int = 300
    """Seconds until a new version must serve."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain variables; never a secret."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """By reference; the function finds `<NAME>_ARN`, and reads the value itself."""
    retention_days: int = 30
    """How long its logs are kept."""
    concurrency: int | None = None
    """How many run at the same time at most, reserved from the account's limit; None: no limit."""
    tracing: bool = False
    """Whether it begins traces of AWS X-Ray by itself, not only where its caller has begun one."""

    def __post_init__(self) -> None:
        check("service", self.name)
        check_retention(self.retention_days)
        check_variables(self.environment, self.secrets)
        if not 128 <= self.memory <= 10240:
            raise ValueError(f"{self.name}: memory {self.memory} MiB; allowed: 128 to 10240 MiB")
        if not 1 <= self.timeout <= 900:
            raise ValueError(f"{self.name}: timeout {self.timeout} s; allowed: 1 to 900 s")
        if self.architecture not in PLATFORMS:
            allowed = " or ".join(PLATFORMS)
            raise ValueError(f"{self.name}: architecture {self.architecture!r}; allowed: {allowed}")
        if self.url not in (False, True, "public"):
            raise ValueError(f"{self.name}: url {self.url!r}; allowed: true, false or public")
        for variable in (*self.environment, *self.secrets):
            if variable.startswith(_RESERVED_PREFIXES):
                raise ValueError(f"{variable} is reserved by Lambda; take another name")

    @property
    def smoke_event(self) -> str:
        """The smoke event as JSON. Raises `ValueError` if it can't be written as JSON."""
        try:
            return json.dumps(self.smoke, sort_keys=True, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{self.name}: the smoke event is not JSON: {error}") from None


def variables(service: LambdaServiceSpec, arns: Mapping[str, str]) -> dict[str, str]:
    """The function's environment: plain values, and for each secret where it lies.

    Lambda resolves no references, so `<NAME>_ARN` is for GetParameter or GetSecretValue, and
    `<NAME>_JSON_KEY` names the key if the reference does. `arns` are by variable.
    """
    result = dict(service.environment)
    for variable, text in service.secrets.items():
        own = {f"{variable}_ARN": arns[variable]}
        if key := parse_reference(text).json_key:
            own[f"{variable}_JSON_KEY"] = key
        if taken := sorted(own.keys() & result.keys()):
            raise ValueError(f"{taken[0]} is where the secret {variable} is told; rename either")
        result |= own
    return dict(sorted(result.items()))


def configuration_hash(settings: Mapping[str, Any]) -> str:
    """SHA-256 of everything that a function is set to: another one makes another version."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def refuse_for_lambda(
    registry_kind: str, attest: bool, platforms: Sequence[str], architecture: str
) -> str | None:
    """Why Lambda can't run such an image, with what to change; None if it can.

    It takes single manifests, of its own processor, from private ECR of its region:
    https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
    """
    wanted = PLATFORMS.get(architecture)
    if wanted is None:
        return f"architecture {architecture!r} is none of Lambda's; allowed: {', '.join(PLATFORMS)}"
    if registry_kind != "ecr":
        return (
            f"Lambda pulls from private ECR of its own region only, not from {registry_kind}: set "
            "`kind: ecr` in slipway:registry, or another `target`"
        )
    if attest:
        return (
            "Lambda refuses the image index that `attest: true` makes: set `attest: false` in the "
            "image's image.yaml, or leave `attest` out"
        )
    if len(platforms) > 1:
        return (
            f"Lambda refuses the image index that {len(platforms)} platforms make "
            f"({', '.join(platforms)}): build for {wanted} alone"
        )
    if platforms and platforms[0].removesuffix("/v8") != wanted:
        return (
            f"the image is for {platforms[0]}, the function's architecture {architecture} needs "
            f"{wanted}: change `platforms` of the image, or `architecture` of the service"
        )
    return None
