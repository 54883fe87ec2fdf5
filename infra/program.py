"""The program of every stack, read aloud: look, refuse what must not be, make images, deploy."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping
from pathlib import Path

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from clients import ClientError
from infra.account import check_account
from infra.ground import look_ahead
from infra.guards import check_protected, check_services, check_version_given
from infra.images import Images, make_images, start_actor
from infra.look import look
from infra.promotion import promotion_of, refusal, version_deployed
from infra.publication import clean_up, publish_release
from infra.records import keep_record
from infra.service_specs import specs_of
from infra.services import DeployedService, deploy_services, make_store
from infra.settings import Settings, read_settings
from infra.wishes import Wishes, stuck_wishes, take_back, with_environment


def main() -> None:
    """Deploys the selected stack. Whatever is refused is one message, without a traceback."""
    # This process lives for seconds, and the collector takes a seventh of the SDK's loading time.
    gc.disable()
    try:
        deploy(settings_of_stack(), Wishes.of(os.environ))
    except (ValueError, ClientError) as error:
        raise pulumi.RunError(str(error)) from None


def settings_of_stack() -> Settings:
    """The settings of the selected stack, with the wishes for this update alone.

    Raises `ValueError` with all that is wrong.
    """
    project, stack = pulumi.get_project(), pulumi.get_stack()
    config = {**get_config_env(), **CONFIG.get()}
    _take_wishes_back(project, stack, stuck_wishes(project, config))
    return read_settings(project, stack, with_environment(project, config, os.environ))


def deploy(settings: Settings, wishes: Wishes) -> None:
    """Registers everything the stack is made of, and its outputs.

    Raises `ValueError` or `ClientError` before the first resource that acts if something must not
    be done.
    """
    preview = pulumi.runtime.is_dry_run()
    seen = look(settings)
    check_services(settings, seen)
    check_version_given(settings, seen, preview=preview)
    check_protected(settings, seen)
    specs = specs_of(settings, seen)
    actor = start_actor(settings)
    check_account(settings)
    ground = look_ahead(settings)
    promotion = promotion_of(settings, seen)
    _refuse(refusal(settings, promotion, seen.version), preview=preview)

    settings = settings.model_copy(update={"version": version_deployed(settings, seen, promotion)})
    store = make_store(settings)
    images = make_images(settings, seen, promotion, wishes, actor, store)
    services = deploy_services(settings, specs, images, store, ground)
    record = keep_record(settings, seen, promotion, wishes, images, services, store)
    publish_release(settings, seen, promotion, images, record)
    clean_up(settings, seen, images, record)

    _export(images, services.deployed)


def _take_wishes_back(project: str, stack: str, stuck: list[str]) -> None:
    """Pulumi has saved what `-c` said; it was for this update alone."""
    if not stuck:
        return
    file = Path.cwd() / f"Pulumi.{stack}.yaml"
    left = take_back(file, stuck)
    for key in stuck:
        if key in left:
            pulumi.log.warn(
                f"{key} is for one update, but it stays in the stack's configuration and will be "
                f"repeated; remove it: pulumi config rm {key} --stack {stack}"
            )
        else:
            pulumi.log.info(f"{key} is for this update alone: taken out of {file.name} again")


def _refuse(text: str | None, *, preview: bool) -> None:
    if text and not preview:
        raise ValueError(text)
    if text:
        pulumi.log.warn(text)


def _export(images: Images, services: Mapping[str, DeployedService]) -> None:
    made = {
        name: {"digest": image.digest, "tag": image.tag, "ref": image.ref}
        for name, image in images.made.items()
    }
    pulumi.export("images", made)
    pulumi.export(
        "services",
        {
            name: {
                "target": service.entry["target"],
                "url": service.url,
                "digest": service.digest,
                "version": service.version,
                "verdict": service.verdict,
            }
            for name, service in services.items()
        },
    )
