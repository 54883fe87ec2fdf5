"""The program of every stack, read aloud: look, refuse what must not be, make images, deploy."""

from __future__ import annotations

import gc

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from clients.git import GitError
from components.host_service import HostService
from infra.account import check_account
from infra.guards import check_protected, check_services, check_version_given
from infra.images import Images, make_images, start_actor
from infra.look import look
from infra.services import deploy_host_services
from infra.settings import Settings, read_settings


def main() -> None:
    """Deploys the selected stack. Whatever is refused is one message, without a traceback."""
    # This process lives for seconds, and the collector takes a seventh of the SDK's loading time.
    gc.disable()
    try:
        deploy(settings_of_stack())
    except (ValueError, GitError) as error:
        raise pulumi.RunError(str(error)) from None


def settings_of_stack() -> Settings:
    """The settings of the selected stack. Raises `ValueError` with all that is wrong."""
    config = {**get_config_env(), **CONFIG.get()}
    return read_settings(pulumi.get_project(), pulumi.get_stack(), config)


def deploy(settings: Settings) -> None:
    """Registers everything the stack is made of, and its outputs.

    Raises `ValueError` or `GitError` before the first resource if something must not be done.
    """
    seen = look(settings)
    check_services(settings, seen)
    check_version_given(settings, preview=pulumi.runtime.is_dry_run())
    check_protected(settings, seen)
    actor = start_actor(settings)
    check_account(settings)

    images = make_images(settings, seen, actor)
    services = deploy_host_services(settings, images)

    _export(images, services)


def _export(images: Images, services: dict[str, HostService]) -> None:
    made = {name: {"digest": image.digest, "ref": image.ref} for name, image in images.made.items()}
    pulumi.export("images", made)
    pulumi.export(
        "services",
        {
            name: {
                "url": service.url,
                "digest": service.digest,
                "version": service.version,
                "verdict": service.verdict,
            }
            for name, service in services.items()
        },
    )
