"""Repositories and images of a stack."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pulumi

from clients.registry_auth import Keychain
from clients.registry_names import PUBLIC_ECR
from components.bundle_store import BundleStore
from components.documents.lifecycle import Retention
from components.repository import ImageRepository, ImageRepositoryArgs
from infra.access import access_of
from infra.look import Look
from infra.neighbours import neighbours_of, runs_functions
from infra.promotion import Promotion
from infra.retention import retentions_of
from infra.settings import Settings
from infra.wishes import Wishes
from provider.sdk import Image, ImageArgs, Provider, ProviderArgs
from release.names import render_repository
from release.plan import PlannedImage


@dataclass(frozen=True, kw_only=True)
class Images:
    """The images of this update, and the provider that acts for us."""

    actor: Provider
    repositories: dict[str, ImageRepository]
    made: dict[str, Image]
    origins: dict[str, str]
    """host/path of where each was built, if that is another repository."""
    retentions: Mapping[str, Retention]
    """What each repository keeps, where this stack owns them."""


def after_all(images: Images) -> pulumi.ResourceOptions:
    """The options of a service: our provider acts for it, and every image is there before."""
    return pulumi.ResourceOptions(providers=[images.actor], depends_on=list(images.made.values()))


def start_actor(settings: Settings) -> Provider:
    """Registers the provider that acts for us; first of all, since its plugin takes time;
    a provider alone does nothing."""
    return Provider("rollout", _provider_args(settings))


def make_images(
    settings: Settings,
    seen: Look,
    promotion: Promotion,
    wishes: Wishes,
    actor: Provider,
    store: BundleStore,
    adopted: Collection[str] = (),
) -> Images:
    """Registers a repository and an image for everything in the catalogue; `adopted`: the images
    whose repository is there already."""
    neighbours = neighbours_of(settings)
    kept = retentions_of(settings, seen, promotion, neighbours)
    stacks = {name: [settings, *neighbours.of(settings, name)] for name in seen.images}
    repositories = {
        name: _repository(
            settings,
            name,
            kept.get(name),
            runs_functions(stacks[name], name),
            adopt=name in adopted,
        )
        for name in seen.images
    }
    # Outside of private ECR the bucket guards the names.
    after = [] if settings.registry.kind == "ecr" else [store]
    opts = pulumi.ResourceOptions(provider=actor, depends_on=after)
    made = {
        name: Image(
            name, _image_args(settings, seen, promotion, wishes, planned, repositories[name]), opts
        )
        for name, planned in seen.images.items()
    }
    return Images(
        actor=actor,
        repositories=repositories,
        made=made,
        origins=dict(promotion.origins),
        retentions=kept,
    )


def _provider_args(settings: Settings) -> ProviderArgs:
    events = settings.events
    return ProviderArgs(
        region=settings.region,
        account=settings.account,
        profile=settings.profile,
        endpoints=dict(settings.endpoints),
        access_key=settings.access_key,
        secret_key=settings.secret_key,
        builder=settings.build.builder,
        max_builds=settings.build.concurrency,
        project=settings.project,
        stack=settings.stack,
        bucket=settings.bundles.bucket,
        webhook=events.webhook if events else None,
        topic=events.sns if events else None,
        event_secret=events.secret if events else None,
    )


def _repository(
    settings: Settings, image: str, retention: Retention | None, functions: bool, *, adopt: bool
) -> ImageRepository:
    values = {"image": image, "stack": settings.stack}
    return ImageRepository(
        image,
        ImageRepositoryArgs(
            image=image,
            repository=render_repository(settings.registry.repository, values),
            registry=settings.registry.kind,
            create=settings.registry.create,
            protect=settings.protected,
            region=settings.region,
            alias=settings.registry.alias,
            public_host=_public_host(settings),
            readers=settings.registry.readers,
            functions=functions,
            retention=retention,
            kms_key=settings.registry.kms_key,
            adopt=adopt,
        ),
    )


def _public_host(settings: Settings) -> str:
    """Only the local cloud has another one, and has to be asked."""
    if settings.registry.kind != "ecr-public" or not settings.endpoints:
        return PUBLIC_ECR
    return Keychain(access_of(settings)).public_host()


def _image_args(
    settings: Settings,
    seen: Look,
    promotion: Promotion,
    wishes: Wishes,
    planned: PlannedImage,
    repository: ImageRepository,
) -> ImageArgs:
    name = planned.source.name
    record = promotion.record
    entry = record.images[name] if record else None
    promotes = settings.release.images == "promote"
    return ImageArgs(
        image=name,
        repository=repository.uri,
        key=planned.key,
        tree=seen.tree.tree,
        commit=seen.tree.commit,
        context=planned.source.context,
        dockerfile=planned.source.dockerfile,
        extra_inputs=list(planned.source.inputs),
        build_args=dict(planned.args),
        platforms=list(planned.platforms),
        attest=planned.attest,
        sbom=planned.sbom,
        secrets=dict(settings.build.secrets),
        build_names=list(planned.build_names),
        release_names=list(planned.release_names),
        movable_names=list(planned.movable_names),
        strategy="redeploy" if entry and not promotes else settings.release.images,
        origin=promotion.origins.get(name),
        wanted_digest=entry.digest if entry else None,
        wanted_tag=entry.tag if entry else None,
        record=record.id if record else None,
        version=settings.version,
        version_names=list(planned.version_names),
        sha_names=list(planned.sha_names),
        bump=settings.bump,
        new_version=wishes.release == name,
        changed=list(planned.changed),
        build_timeout=settings.build.timeout,
    )
