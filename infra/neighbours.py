"""The other stacks of this project, as far as they use the same repositories."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from infra.look import PROJECT
from infra.settings import Settings
from infra.stack_file import read_stack_file
from release.names import render_repository


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """What the stack files beside ours say."""

    read: tuple[Settings, ...]
    """Those that could be read."""
    unread: tuple[str, ...]
    """The names of those that could not."""

    def of(self, settings: Settings, image: str) -> list[Settings]:
        """Those whose repository of an image is ours."""
        here = path_of(settings, image)
        return [
            each
            for each in self.read
            if _same_registry(settings, each) and path_of(each, image) == here
        ]


def neighbours_of(settings: Settings, folder: Path = PROJECT) -> Neighbours:
    """Reads the stack files beside the one of these settings, if it owns repositories in ECR."""
    read: list[Settings] = []
    unread: list[str] = []
    owner = settings.registry.kind == "ecr" and settings.registry.create
    for file in sorted(folder.glob("Pulumi.*.yaml")) if owner else ():
        stack = file.name[len("Pulumi.") : -len(".yaml")]
        if stack == settings.stack:
            continue
        try:
            read.append(read_stack_file(stack, folder))
        except ValueError:
            unread.append(stack)
    return Neighbours(read=tuple(read), unread=tuple(unread))


def runs_functions(stacks: Iterable[Settings], image: str) -> bool:
    """Whether one of these stacks runs an image as a function of Lambda."""
    return any(
        service.target == "lambda" and (service.image or name) == image
        for each in stacks
        for name, service in each.services.items()
    )


def path_of(settings: Settings, image: str) -> str:
    """The name of an image's repository in its registry."""
    values = {"image": image, "stack": settings.stack}
    return render_repository(settings.registry.repository, values)


def _same_registry(one: Settings, other: Settings) -> bool:
    accounts = {one.account, other.account} - {None}
    return (
        one.registry.kind == other.registry.kind
        and one.region == other.region
        and one.endpoints.get("ecr") == other.endpoints.get("ecr")
        and len(accounts) < 2
    )
