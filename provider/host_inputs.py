"""The inputs of `HostRollout`, checked and typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from provider import rollout_inputs
from provider.resource import Properties
from provider.wire import is_known
from release.waves import check_concurrency, check_errors

MOST_HOSTS = 1000
ON_FAILURE = ("put-back", "hold")

_INSTANCE = re.compile(r"m?i-[0-9a-f]{8,17}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TEXTS = (
    "service",
    "kind",
    "document",
    "document_hash",
    "bucket",
    "bundle_key",
    "bundle_sha256",
    "image",
    "digest",
    "version",
    "fingerprint",
)
_GRAMMAR = {
    "service": (rollout_inputs.SERVICE, "a lower-case letter, then at most 30 of a-z 0-9 -"),
    "kind": (re.compile("service|job|kubernetes"), "service, job, kubernetes"),
    "document_hash": (_SHA256, "64 hexadecimal digits"),
    "bundle_sha256": (_SHA256, "64 hexadecimal digits"),
}


@dataclass(frozen=True, kw_only=True)
class HostInputs:
    """One rollout as its resource asks for it; every value is known."""

    service: str
    kind: str
    instances: tuple[str, ...]
    document: str
    document_hash: str
    bucket: str
    bundle_key: str
    bundle_sha256: str
    image: str
    digest: str
    version: str
    release: str | None
    """The version of this update, if the stack has versions."""
    timeout: int
    policy: str
    """independent or together."""
    concurrency: str = "100%"
    """How many hosts switch at once: a number or a percentage."""
    errors: str = "0"
    """How many hosts may fail before the rest is not begun: a number or a percentage."""
    on_failure: str = "put-back"
    """put-back or hold: what becomes of hosts that had switched."""
    log_group: str | None = None
    """The log group that long output is read from."""

    @staticmethod
    def of(values: Properties) -> HostInputs:
        """From checked inputs."""
        texts = {name: str(values[name]) for name in _TEXTS if name != "fingerprint"}
        return HostInputs(
            **texts,
            instances=tuple(values["instances"]),
            release=values.get("release"),
            timeout=int(values.get("timeout", 300)),
            policy=str(values.get("policy", "independent")),
            concurrency=str(values.get("concurrency", "100%")),
            errors=str(values.get("errors", "0")),
            on_failure=str(values.get("on_failure", ON_FAILURE[0])),
            log_group=values.get("log_group"),
        )

    def parameters(self, action: str, region: str) -> dict[str, str]:
        """The document's parameters for an action: deploy, restore or status."""
        named = {"action": action, "service": self.service, "kind": self.kind}
        if action == "status":
            return named
        return {
            **named,
            "bucket": self.bucket,
            "key": self.bundle_key,
            "sha256": self.bundle_sha256,
            "version": self.version,
            "image": self.image,
            "timeout": str(self.timeout),
            "region": region,
        }


def check(values: Properties) -> dict[str, str]:
    """What is wrong with the inputs, by property; unknown values are not judged."""
    wrong: dict[str, str] = {}
    for name in _TEXTS:
        value = values.get(name)
        if not isinstance(value, str) or not value:
            wrong[name] = f"{name} is missing; allowed: a text that is not empty"
        elif name in _GRAMMAR and is_known(value) and not _GRAMMAR[name][0].fullmatch(value):
            wrong[name] = f"{value!r} is not a {name}; allowed: {_GRAMMAR[name][1]}"
    rollout_inputs.check_image(values, wrong, "hosts run")
    rollout_inputs.check_wishes(values, wrong)
    _check_fleet(values, wrong)
    instances = values.get("instances")
    if is_known(instances):
        _check_instances(instances, str(values.get("tag") or ""), wrong)
    return wrong


def _check_fleet(values: Properties, wrong: dict[str, str]) -> None:
    for name, judge in (("concurrency", check_concurrency), ("errors", check_errors)):
        try:
            judge(values.get(name, "1"))
        except ValueError as error:
            wrong[name] = str(error)
    on_failure = values.get("on_failure", ON_FAILURE[0])
    if on_failure not in ON_FAILURE:
        wrong["on_failure"] = f"{on_failure!r} is not known; allowed: {', '.join(ON_FAILURE)}"


def _check_instances(instances: object, tag: str, wrong: dict[str, str]) -> None:
    if not isinstance(instances, list) or not instances:
        wrong["instances"] = (
            f"no running instance carries the tag {tag}; allowed: 1 to {MOST_HOSTS}. Start one, "
            "tag one, or correct slipway:host"
            if tag
            else f"no host; allowed: 1 to {MOST_HOSTS} instance ids. Does the tag in slipway:host "
            "match a running instance?"
        )
    elif len(instances) > MOST_HOSTS:
        wrong["instances"] = f"{len(instances)} hosts; allowed: at most {MOST_HOSTS}"
    else:
        for each in instances:
            if not _INSTANCE.fullmatch(str(each)):
                wrong["instances"] = f"{each!r} is not an instance id; allowed: i-0123456789abcdef0"
