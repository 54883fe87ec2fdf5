"""What is refused before anything is done."""

from __future__ import annotations

from infra.look import Look
from infra.settings import Settings
from release.problems import Problems


def check_services(settings: Settings, seen: Look) -> None:
    """Raises `ValueError` if a service names an image that does not exist, or none exist at all."""
    problems = Problems()
    if not seen.images:
        problems.add(
            f"{settings.project}:roots",
            f"no Dockerfile below {', '.join(settings.roots)}",
            "roots are folders relative to the top of the git repository; "
            "add a folder with a Dockerfile, or name other roots",
        )
    for name, service in settings.services.items():
        image = service.image or name
        if seen.images and image not in seen.images:
            problems.add(
                f"{settings.project}:services.{name}",
                f"there is no image {image!r}",
                f"allowed: {', '.join(seen.images)}; add a folder with a Dockerfile "
                f"below {', '.join(settings.roots)}, or set `image:`",
            )
    problems.raise_if_any(f"Pulumi.{settings.stack}.yaml does not fit the repository:")


def check_version_given(settings: Settings, seen: Look, *, preview: bool) -> None:
    """Raises `ValueError` if an update that makes a release has no version; previews need none."""
    releases = settings.protected or settings.release.images in ("promote", "rebuild")
    by_registry = settings.release.version_from == "registry"
    if releases and seen.version is None and not by_registry and not preview:
        raise ValueError(
            f"{settings.project}:version is missing: the stack {settings.stack!r} makes releases. "
            f"Say which: pulumi up --stack {settings.stack} -c version=v1.2.0"
        )


def check_protected(settings: Settings, seen: Look) -> None:
    """Raises `ValueError` if an input of an image is not committed and the stack is protected."""
    if not settings.protected:
        return
    problems = Problems()
    for name, image in seen.images.items():
        if image.dirty:
            problems.add(
                name,
                f"not committed: {', '.join(image.dirty[:5])}{' …' if image.dirty[5:] else ''}",
                "commit, stash or remove the change: a release is made from commits alone",
            )
    problems.raise_if_any(f"The stack {settings.stack!r} is protected and refuses this update:")


def wrong_account(settings: Settings, found: str) -> str | None:
    """The refusal if the credentials at hand belong to another account than the stack."""
    if settings.account in (None, found):
        return None
    said = settings.said.get("profile")
    if said:
        holder = f"the profile {said.value!r} ({said.place}) is"
    elif settings.profile:
        holder = f"the profile {settings.profile!r} is"
    else:
        holder = "these credentials are"
    owner = settings.said.get("account")
    place = f" ({owner.place})" if owner else ""
    return (
        f"{settings.project}:account: the stack {settings.stack!r} belongs to account "
        f"{settings.account}{place}, but {holder} of account {found}. Nothing was done. "
        f"Take other credentials (aws:profile, AWS_PROFILE), or mend Pulumi.{settings.stack}.yaml."
    )
