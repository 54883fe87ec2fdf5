"""The inputs of `LambdaRollout`, checked and typed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from provider import rollout_inputs
from provider.resource import Properties
from provider.rollout import split_image
from provider.wire import is_known

# https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html
_ALIAS = re.compile(r"(?!\d+$)[a-zA-Z0-9_-]{1,128}")
_MOST_EVENT = 6 << 20  # bytes that Lambda takes in one call


@dataclass(frozen=True, kw_only=True)
class LambdaInputs:
    """One rollout as its resource asks for it; every value is known."""

    service: str
    image: str
    digest: str
    release: str | None
    timeout: int
    policy: str
    function: str
    alias: str
    smoke: str
    """The event that a new version is called with, as JSON."""
    again: bool

    @property
    def image_uri(self) -> str:
        """repository@digest: Lambda takes no tag beside a digest."""
        return f"{split_image(self.image)[0]}@{self.digest}"

    @staticmethod
    def of(values: Properties) -> LambdaInputs:
        """From checked inputs."""
        return LambdaInputs(
            **{name: str(values[name]) for name in ("service", "image", "digest", "function")},
            release=values.get("release"),
            timeout=int(values.get("timeout", 300)),
            policy=str(values.get("policy", "independent")),
            alias=str(values.get("alias", "live")),
            smoke=str(values.get("smoke", "{}")),
            again=bool(values.get("again", False)),
        )


def check(values: Properties) -> dict[str, str]:
    """What is wrong with the inputs, by property; unknown values are not judged."""
    wrong = rollout_inputs.check(values, ("function",), "Lambda runs")
    alias = values.get("alias", "live")
    if is_known(alias) and not _ALIAS.fullmatch(str(alias)):
        wrong["alias"] = f"{alias!r} is not an alias; allowed: A-Z a-z 0-9 _ -, not only digits"
    smoke = values.get("smoke", "{}")
    if is_known(smoke):
        _check_smoke(smoke, wrong)
    return wrong


def _check_smoke(smoke: object, wrong: dict[str, str]) -> None:
    try:
        json.loads(str(smoke))
    except ValueError as error:
        wrong["smoke"] = f"the smoke event is not JSON: {error}; allowed: a text such as {{}}"
    if len(str(smoke).encode()) > _MOST_EVENT:
        wrong["smoke"] = "the smoke event is larger than 6 MB, the most that Lambda takes"
