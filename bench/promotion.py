"""Promotion of many images: a release's names, in one repository each and from dev to prod."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial

from bench import promotion_reference, scratch_registry
from bench.row import Row, best
from bench.scratch_registry import ScratchRegistry, Traffic
from clients.registry import Registry
from clients.registry_auth import Keychain
from clients.registry_copy import promote_image
from clients.registry_http import RegistryHttp

IMAGES = 50
_SOURCE = "bench/promotion_reference.py"


def rows() -> Iterator[Row]:
    """In the same repository, and into another of the same registry."""
    promotion_reference.check_engine()
    with scratch_registry.running() as registry:
        base = os.urandom(scratch_registry.BASE_BYTES)
        names = [f"app-{number:02}" for number in range(IMAGES)]
        digests = {}
        for name in names:
            own = os.urandom(scratch_registry.OWN_BYTES)
            digests[name] = registry.push(f"dev/{name}", base, own, "tested")
        for target, where in (("dev", "in its repository"), ("prod", "into another, by mount")):
            ours, traffic = _measured(registry, partial(_promote, registry, digests, target))
            names_of = [
                (f"{registry.host}/dev/{name}:tested", f"{registry.host}/{target}/{name}:v1.0.1")
                for name in names
            ]
            try:
                work = partial(promotion_reference.pull_tag_push, names_of)
                theirs, other = _measured(registry, work)
            finally:
                promotion_reference.forget(names_of)
            _check_same(registry, digests, target)
            yield Row(
                what=f"promote {IMAGES} images {where}",
                ours=ours,
                note=_said(traffic),
                against="docker pull; docker tag; docker push",
                theirs=theirs,
                remark=_said(other),
                source=_SOURCE,
            )
            if target == "dev":
                yield _floor(registry, names, ours, traffic)


def _floor(registry: ScratchRegistry, names: list[str], ours: float, traffic: Traffic) -> Row:
    """Against the least that a registry lets anybody do."""
    work = partial(promotion_reference.two_requests, registry.host, names, "tested", "floor")
    theirs, other = _measured(registry, work)
    return Row(
        what=f"promote {IMAGES} images in its repository",
        ours=ours,
        note=_said(traffic),
        against="the floor: read the manifest, write it under the name",
        theirs=theirs,
        remark=f"{_said(other)}; whether the name is free is not asked",
        source=_SOURCE,
    )


def _promote(registry: ScratchRegistry, digests: dict[str, str], to: str) -> None:
    """One after the other, as the reference does."""
    keychain = Keychain()
    http = RegistryHttp(registry.host, keychain)
    for name, digest in digests.items():
        source = Registry(f"{registry.host}/dev/{name}", keychain, http)
        target = Registry(f"{registry.host}/{to}/{name}", keychain, http)
        promote_image(source, target, digest, ["v1.0.0"])


def _check_same(registry: ScratchRegistry, digests: dict[str, str], to: str) -> None:
    for name, digest in digests.items():
        found = Registry(f"{registry.host}/{to}/{name}", Keychain()).head("v1.0.0")
        if found != digest:
            raise RuntimeError(f"{to}/{name}:v1.0.0 is {found}, promoted was {digest}")


def _measured(registry: ScratchRegistry, work: Callable[[], None]) -> tuple[float, Traffic]:
    with registry.traffic() as found:
        (taken,) = best(work)
    return taken, found[0]


def _said(traffic: Traffic) -> str:
    return (
        f"{traffic.requests:,} requests, {traffic.layer_bytes:,} layer bytes read, "
        f"{traffic.uploads} blobs sent"
    )
