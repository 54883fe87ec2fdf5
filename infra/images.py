"""Repositories and images of a stack."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.repository import ImageRepository, ImageRepositoryArgs
from infra.look import Look
from infra.settings import Settings
from provider.sdk import Image, ImageArgs, Provider, ProviderArgs
from release.names import render_repository
from release.plan import PlannedImage


@dataclass(frozen=True, kw_only=True)
class Images:
    """The images of this update, and the provider that acts for us."""

    actor: Provider
    repositories: dict[str, ImageRepository]
    made: dict[str, Image]


def start_actor(settings: Settings) -> Provider:
    """Registers the provider that acts for us; first of all, since its plugin takes time."""
    return Provider("rollout", _provider_args(settings))


def make_images(settings: Settings, seen: Look, actor: Provider) -> Images:
    """Registers a repository and an image for everything in the catalogue."""
    repositories = {name: _repository(settings, name) for name in seen.images}
    opts = pulumi.ResourceOptions(provider=actor)
    made = {
        name: Image(name, _image_args(settings, seen, planned, repositories[name]), opts)
        for name, planned in seen.images.items()
    }
    return Images(actor=actor, repositories=repositories, made=made)


def _provider_args(settings: Settings) -> ProviderArgs:
    return ProviderArgs(
        region=settings.region,
        account=settings.account,
        profile=settings.profile,
        endpoints=dict(settings.endpoints),
        access_key=settings.access_key,
        secret_key=settings.secret_key,
        builder=settings.build.builder,
        max_builds=settings.build.concurrency,
    )


def _repository(settings: Settings, image: str) -> ImageRepository:
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
        ),
    )


def _image_args(
    settings: Settings, seen: Look, planned: PlannedImage, repository: ImageRepository
) -> ImageArgs:
    return ImageArgs(
        image=planned.source.name,
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
        build_names=list(planned.build_names),
        release_names=list(planned.release_names),
        movable_names=list(planned.movable_names),
        promote=settings.release.images == "promote",
        changed=list(planned.changed),
        build_timeout=settings.build.timeout,
    )
