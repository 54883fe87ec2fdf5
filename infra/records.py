"""The record of an update: the last resource, made of what all others give back."""

from __future__ import annotations

from typing import Any

import pulumi

from components.bundle_store import BundleStore
from infra.images import Images
from infra.look import Look
from infra.promotion import Promotion
from infra.services import Services
from infra.settings import Settings
from infra.wishes import Wishes
from provider.sdk import Record, RecordArgs
from release.content_key import ingredients
from release.plan import PlannedImage
from release.record import Record as Kept


def keep_record(
    settings: Settings,
    seen: Look,
    promotion: Promotion,
    wishes: Wishes,
    images: Images,
    services: Services,
    store: BundleStore,
) -> Record:
    """Registers the record, after everything that is deployed."""
    source, content = promotion.record, promotion.content
    return Record(
        "record",
        RecordArgs(
            commit=content.commit if content else seen.tree.commit,
            version=settings.version,
            names=_names(settings, seen, content),
            images={name: _image(seen, images, content, name) for name in seen.images},
            services={name: service.entry for name, service in services.deployed.items()},
            source={"record": source.id, "commit": source.commit} if source else None,
            bundle=_bundle(services),
            hold=wishes.hold,
        ),
        pulumi.ResourceOptions(provider=images.actor, depends_on=_last(services, store)),
    )


def _last(services: Services, store: BundleStore) -> list[pulumi.Resource]:
    return [store, services.together] if services.together else [store]


def _names(settings: Settings, seen: Look, content: Kept | None) -> list[str]:
    if settings.release.images == "build" and content is not None:
        return list(content.names)
    return release_names(seen) or build_names(seen)


def release_names(seen: Look) -> list[str]:
    """The release names of this update, each once."""
    return sorted({name for image in seen.images.values() for name in image.release_names})


def build_names(seen: Look) -> list[str]:
    """The names that content built by this update gets, each once."""
    return sorted({name for image in seen.images.values() for name in image.build_names})


def _image(
    seen: Look, images: Images, content: Kept | None, name: str
) -> dict[str, pulumi.Input[Any]]:
    planned, made = seen.images[name], images.made[name]
    entry = content.images.get(name) if content else None
    return {
        "repository": images.repositories[name].uri,
        "digest": made.digest,
        "tag": made.tag,
        "reason": made.reason,
        "key": entry.key if entry else planned.key,
        "inputs": dict(entry.inputs) if entry else _ingredients(seen, planned),
        "deployment": made.deployment,
    }


def _ingredients(seen: Look, planned: PlannedImage) -> dict[str, str]:
    return ingredients(
        planned.source,
        seen.tree.ids,
        args=planned.args,
        platforms=planned.platforms,
        attest=planned.attest,
        sbom=planned.sbom,
    )


def _bundle(services: Services) -> dict[str, pulumi.Input[str]] | None:
    stored = services.stored
    if stored is None:
        return None
    return {
        "bucket": stored.bucket,
        "key": stored.key,
        "sha256": stored.sha256,
        "version": stored.version,
    }
