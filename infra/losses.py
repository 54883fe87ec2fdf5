"""What an update takes away, in plain words: one text for each service, repository or bucket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from components.documents.stack_names import function_log_group, task_log_group
from infra.former import Former
from infra.settings import Settings
from release.names import render_repository

_STAYS = "its repository, images and records stay"
# What becomes of a service by its target.
_GOES = {
    "host": (
        "on the hosts its container and unit keep running, with their volumes, and nothing deploys "
        "or watches them any more; end it there with `sudo systemctl disable --now {name}`. What a "
        "host of this stack has goes with the host only"
    ),
    "ecs": "its service, tasks and role go, and the log group {task_log} with its logs",
    "lambda": (
        "its function goes with all versions, its alias, address and role, and the log group "
        "{function_log} with its logs"
    ),
    "docker": "its container goes, with what it wrote outside of volumes",
    "microk8s": (
        "its deployment, pods, variables, service and ingress go, and with the last such service "
        "the stack's namespace with all that is in it"
    ),
}
# What a new name means.
_RENAMED = {
    "host": (
        "both would want the port, as the old one keeps running; "
        "`sudo systemctl disable --now {name}` on the hosts, then `pulumi up`"
    ),
    "ecs": "both run until {new} is healthy, then {name} goes; its address changes",
    "lambda": "both are there until {new} serves, then {name} goes; callers use another name",
    "docker": "both would want the port; give {new} another `publish`, or remove {name} first",
    "microk8s": (
        "both run until {new} is ready, then {name} goes; they can't have one `publish`, so give "
        "{new} another"
    ),
}


def losses(before: Former, settings: Settings, images: Iterable[str]) -> list[str]:
    """All losses of an update of `settings` with these images, services first."""
    found = [
        _service(name, target, digest, before, settings)
        for name, (target, digest) in before.services.items()
        if name not in settings.services or settings.services[name].target != target
    ]
    return [*found, *_repositories(before, settings, list(images)), *_bucket(before, settings)]


def _service(name: str, target: str, digest: str, before: Former, settings: Settings) -> str:
    words = {
        "name": name,
        "task_log": task_log_group(settings.stack, name),
        "function_log": function_log_group(settings.stack, name),
    }
    goes = _GOES[target].format(**words)
    hint = _protected(settings) if target in ("ecs", "lambda") else ""
    now = settings.services.get(name)
    if now is not None:
        return f"{name} moves from {target} to {now.target}: {goes}; {_STAYS}{hint}"
    new = _renamed_to(target, digest, before, settings)
    if new is None:
        return f"{name} is no service of this stack any more: {goes}; {_STAYS}{hint}"
    how = _RENAMED[target].format(new=new, **words)
    return (
        f"{name} seems to become {new} (same image and target). To Pulumi that is a new service "
        f"beside the old one: {how}. Of the old one: {goes}; {_STAYS}. Without a gap: add {new} "
        f"and keep {name}, move its callers, then remove {name}{hint}"
    )


def _renamed_to(target: str, digest: str, before: Former, settings: Settings) -> str | None:
    """The new service that runs the same image by the same target."""
    ran = {image for image, each in before.digests.items() if digest and each == digest}
    for name, service in settings.services.items():
        new = name not in before.services and service.target == target
        if new and (service.image or name) in ran:
            return name
    return None


def _protected(settings: Settings) -> str:
    if not settings.protected:
        return ""
    return (
        f". The stack is protected, so the update stops before its logs; when they may go: "
        f"`pulumi state unprotect <urn> --stack {settings.stack}` with the URN that Pulumi names"
    )


def _repositories(before: Former, settings: Settings, images: list[str]) -> list[str]:
    wanted = repositories_made(settings, images)
    texts = []
    for image, repository in before.repositories.items():
        now = wanted.get(image)
        if now == repository:
            continue
        stays = f"the repository {repository} stays in the account with all its images"
        if now is None:
            texts.append(f"{image}: {stays}, but this stack owns it no more")
        else:
            texts.append(
                f"{image}: its images go to {now} from now on, and have to be built or promoted "
                f"there anew; {stays}, and earlier releases are found there alone"
            )
    return texts


def repositories_made(settings: Settings, images: Iterable[str]) -> Mapping[str, str]:
    """The repositories that the stack makes, by image."""
    if not settings.registry.create or settings.registry.kind not in ("ecr", "ecr-public"):
        return {}
    template, stack = settings.registry.repository, settings.stack
    return {each: render_repository(template, {"image": each, "stack": stack}) for each in images}


def _bucket(before: Former, settings: Settings) -> list[str]:
    now = settings.bundles.bucket
    if before.bucket is None or (before.bucket == now and settings.bundles.create):
        return []
    stays = f"the bucket {before.bucket} stays in the account with all records and bundles"
    if before.bucket == now:
        return [f"{stays}, but this stack owns it no more"]
    return [
        f"{stays}, but the history of this stack begins anew in {now}: what is recorded in the old "
        "one can't be rolled back to"
    ]
