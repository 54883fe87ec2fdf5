"""Where the stack that builds keeps the images that this one promotes."""

from __future__ import annotations

from collections.abc import Iterable

from clients.repositories import Repositories
from infra.access import access_of
from infra.settings import Settings
from release.names import render_repository


def origins_of(settings: Settings, images: Iterable[str]) -> dict[str, str]:
    """host/path by image; empty if they are in this stack's own repositories."""
    own, origin = settings.registry, settings.release.origin
    if (origin.repository, origin.registry, origin.account) == (None, None, None):
        return {}
    same = origin.registry in (None, own.kind)
    kind, alias = (own.kind, own.alias) if same else (origin.registry or own.kind, None)
    place = Repositories(
        access=access_of(settings), kind=kind, alias=alias, account=origin.account
    ).place
    template = origin.repository or own.repository
    return {
        image: f"{place}/{render_repository(template, {'image': image, 'stack': origin.stack})}"
        for image in images
    }
