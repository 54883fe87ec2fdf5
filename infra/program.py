"""The program of every stack, read aloud: look, refuse what must not be, make images, deploy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pulumi
from pulumi.runtime.config import is_config_secret

from clients import ClientError
from components.documents.lifecycle import in_words
from infra.account import check_account
from infra.adoption import Adoption, adoption_of
from infra.ahead import Ahead, answer_of
from infra.ci import make_ci
from infra.debug_lines import gather_debug_lines
from infra.former import Former, former_of
from infra.ground import look_ahead
from infra.guards import check_protected, check_services, check_version_given
from infra.images import Images, make_images, start_actor
from infra.look import Look, look
from infra.losses import losses
from infra.project import project_folder, stack_config
from infra.promotion import promotion_of, refusal, version_deployed
from infra.protection import protect_data
from infra.publication import clean_up, publish_release
from infra.records import keep_record
from infra.secret_settings import refuse_open_kubeconfig, refuse_secrets
from infra.service_specs import specs_of
from infra.services import DeployedService, deploy_services, make_store
from infra.settings import Settings, read_settings
from infra.source_positions import gather_positions
from infra.tag_bases import TagBases
from infra.whereabouts import locate
from infra.wishes import Wishes, stuck_wishes, take_back, with_environment
from release.record_text import harmless


def main(ahead: Ahead) -> None:
    """Deploys the selected stack. Whatever is refused is one message, without a traceback.

    `ahead` has what was asked before this module was loaded.
    """
    gather_debug_lines()
    gather_positions()
    try:
        deploy(settings_of_stack(), Wishes.of(os.environ), ahead)
    except (ValueError, ClientError) as error:
        raise pulumi.RunError(harmless(str(error))) from None


def settings_of_stack() -> Settings:
    """The settings of the selected stack, with the wishes for this update alone.

    Raises `ValueError` with all that is wrong.
    """
    project, stack = pulumi.get_project(), pulumi.get_stack()
    config = stack_config()
    secret = [key for key in config if is_config_secret(key)]
    refuse_secrets(project, stack, secret)
    refuse_open_kubeconfig(project, stack, config, secret)
    _take_wishes_back(project, stack, stuck_wishes(project, config))
    wished = with_environment(project, config, os.environ)
    located, said = locate(project, stack, wished, os.environ, project_folder())
    return read_settings(project, stack, located, said)


def deploy(settings: Settings, wishes: Wishes, ahead: Ahead | None = None) -> None:
    """Registers everything the stack is made of, and its outputs.

    `ahead` tells what the stack was made of before; without it nothing is compared. Raises
    `ValueError` or `ClientError` before the first resource that acts if something must not be done.
    """
    preview = pulumi.runtime.is_dry_run()
    # Its plugin starts while AWS is asked whose credentials these are.
    actor = start_actor(settings)
    check_account(settings, ahead)
    seen = look(settings)
    check_services(settings, seen)
    check_version_given(settings, seen, preview=preview)
    check_protected(settings, seen)
    specs = specs_of(settings, seen)
    before = former_of(answer_of(ahead.state)) if ahead else None
    adoption = _compare(settings, seen, wishes, before)
    protect_data(settings)
    tags = TagBases(settings, seen)
    ground = look_ahead(settings, before, project_folder())
    promotion = promotion_of(settings, seen)
    _refuse(refusal(settings, promotion, seen.version), preview=preview)

    settings = settings.model_copy(update={"version": version_deployed(settings, seen, promotion)})
    make_ci(settings, seen)
    store = make_store(settings, actor, adopt=adoption.bucket)
    images = make_images(settings, seen, promotion, wishes, actor, store, adoption.images)
    services = deploy_services(settings, specs, images, store, ground)
    record = keep_record(settings, seen, promotion, wishes, images, services, store)
    publish_release(settings, seen, promotion, images, record)
    clean_up(settings, seen, images, record)

    tags.warn()
    _export(images, services.deployed)


def _compare(settings: Settings, seen: Look, wishes: Wishes, before: Former | None) -> Adoption:
    """Warns of what this update takes away, and finds what is there before it is made."""
    if before is None:
        return Adoption()
    for text in losses(before, settings, seen.images):
        pulumi.log.warn(text)
    return adoption_of(settings, seen.images, before, wished=wishes.adopt)


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
    if images.retentions:
        words = {name: in_words(each) for name, each in images.retentions.items()}
        pulumi.export("retention", words)
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
