"""The inputs that every rollout has, checked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from clients.registry_names import is_digest
from provider.policy import POLICIES
from provider.resource import Properties
from provider.wire import is_known

SERVICE = re.compile(r"[a-z][a-z0-9-]{0,30}")


def check(values: Properties, texts: Sequence[str], runs: str) -> dict[str, str]:
    """What is wrong, by property; unknown values are not judged.

    `texts` are the target's own inputs that must be texts; `runs` is who runs digests only.
    """
    wrong: dict[str, str] = {}
    for name in ("service", *texts, "image", "digest"):
        value = values.get(name)
        if not isinstance(value, str) or not value:
            wrong[name] = f"{name} is missing; allowed: a text that is not empty"
    service = values.get("service")
    if "service" not in wrong and is_known(service) and not SERVICE.fullmatch(str(service)):
        wrong["service"] = (
            f"{service!r} is not a service; allowed: a lower-case letter, then at most 30 of "
            "a-z 0-9 -"
        )
    check_image(values, wrong, runs)
    check_wishes(values, wrong)
    return wrong


def check_image(values: Properties, wrong: dict[str, str], runs: str) -> None:
    """Judge `image` and `digest`, where nothing is wrong with them yet."""
    image, digest = values.get("image"), values.get("digest")
    if "digest" not in wrong and is_known(digest) and not is_digest(str(digest)):
        wrong["digest"] = f"{digest!r} is not a digest; allowed: sha256: and 64 hexadecimal digits"
    if wrong.keys() & {"image", "digest"} or not is_known([image, digest]):
        return
    if not str(image).endswith(f"@{digest}"):
        wrong["image"] = f"{image!r} does not end with @{digest}; {runs} digests, never tags"


def check_wishes(values: Properties, wrong: dict[str, str]) -> None:
    """Judge `release`, `again`, `policy` and `timeout`."""
    release = values.get("release", "")
    if not isinstance(release, str):
        wrong["release"] = f"{release!r} is not a version; allowed: a text, or nothing"
    if not isinstance(values.get("again", False), bool):
        wrong["again"] = f"{values['again']!r} is neither true nor false"
    policy = values.get("policy", POLICIES[0])
    if policy not in POLICIES:
        wrong["policy"] = f"{policy!r} is not a policy; allowed: {', '.join(POLICIES)}"
    timeout = values.get("timeout", 1)
    if is_known(timeout) and not (_is_whole(timeout) and timeout > 0):
        wrong["timeout"] = f"{timeout!r} is not a time limit; allowed: whole seconds, 1 or more"


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
