"""`rollout:index:Cleanup`: after a release, what it left on this machine goes. It never fails."""

from __future__ import annotations

from typing import Any

from clients.local_cleanup import Cleaned, CleanupWish, clean, survey
from clients.registry_names import is_tag, split_repository
from provider.image_inputs import changed
from provider.resource import Call, Diff, Old, Properties
from provider.wire import is_known

_LISTS = ("repositories", "dev_repositories", "names")


class CleanupResource:
    """The methods of the resource type; see `provider.resource.Resource`."""

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        wrong: dict[str, str] = {}
        for name in _LISTS:
            for value in _known(inputs.get(name)):
                if problem := _problem(name, value):
                    wrong[name] = problem
        size = inputs.get("cache_gb", 0)
        if is_known(size) and not (isinstance(size, int) and size >= 0):
            wrong["cache_gb"] = f"{size!r} is not a size; allowed: whole GB, 0 or more"
        return wrong

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By the record alone: once after each release."""
        return Diff(changed=changed(old.inputs, inputs, ("record",)))

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Clean up, or say in a preview what would go. Every failure is only told."""
        if not inputs.get("enabled", True):
            return "cleanup", {"removed": []}
        if preview and not all(is_known(inputs.get(name)) for name in _LISTS):
            call.info("after the release its local images and those of dev go")
            return "cleanup", {"removed": []}
        try:
            wish = _wish(inputs)
            cleaned = survey(wish) if preview else clean(wish)
        except Exception as error:
            # The release is made and runs: nothing that happens here may call it failed.
            cleaned = Cleaned(failures=(f"{type(error).__name__}: {error}",))
        for line in cleaned.lines(done=not preview):
            call.info(line)
        for failure in cleaned.failures:
            call.warning(
                f"not cleaned up: {failure}; the release is not affected, and "
                "`slipway cleanup` tries again"
            )
        return "cleanup", {"removed": [] if preview else list(cleaned.removed)}

    def read(self, call: Call, old: Old) -> Properties | None:
        """What went is gone: nothing to look at."""
        return old.outputs


def _wish(inputs: Properties) -> CleanupWish:
    return CleanupWish(
        repositories=tuple(inputs.get("repositories", ())),
        dev_repositories=tuple(inputs.get("dev_repositories", ())),
        names=tuple(inputs.get("names", ())),
        cache_gb=int(inputs.get("cache_gb", 10)),
        builder=inputs.get("builder"),
    )


def _known(values: Any) -> list[Any]:
    return [each for each in values if is_known(each)] if isinstance(values, list) else []


def _problem(name: str, value: Any) -> str | None:
    if name == "names":
        allowed = "allowed: at most 128 of A-Z a-z 0-9 _ . -"
        return None if is_tag(str(value)) else f"{value!r} is not a tag; {allowed}"
    try:
        split_repository(str(value))
    except ValueError as error:
        return str(error)
    return None
