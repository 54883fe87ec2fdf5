"""What a way back needs, part by part: each is looked for, none is touched."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cli.rollback_check import RollbackCheck
from cli.stack import OpenStack
from clients.image_proof import ImageProof, prove_image
from clients.object_store import ObjectStore
from clients.registry_names import split_repository
from clients.task_definitions import active_with
from release.record import ImageEntry, Record

_AT_ONCE = 16  # requests
_MOST_BUNDLE = 64 << 20  # bytes
_ARCHITECTURES = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked for."""

    what: str
    """Its name."""
    found: str
    """What was found, or what is missing."""
    problem: bool = False
    """Whether the version can't be gone back to because of it."""
    advice: str = ""
    """What to do about it."""


class Proof:
    """Looks for everything that a record needs. Nothing here writes."""

    def __init__(self, stack: OpenStack) -> None:
        """Nothing is asked before `findings`."""
        self._stack = stack
        self._names = RollbackCheck(stack)

    def findings(self, record: Record) -> list[Finding]:
        """Everything that was looked for. Raises ClientError if somebody can't be asked."""
        found = [self._record(record)]
        proofs: dict[str, ImageProof] = {}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for name, entry in sorted(record.images.items()):
                proofs[name] = prove_image(
                    self._names.registry(entry.repository), entry.digest, pool
                )
                found.append(self._image(name, entry, proofs[name], record))
        found += self._moved(record)
        found += self._bundle(record)
        for name, service in self._stack.settings.services.items():
            image = service.image or name
            if image not in record.images or proofs[image].missing:
                continue
            entry, proof = record.images[image], proofs[image]
            if service.target == "ecs":
                found.append(_architecture(name, service.architecture, proof))
                found.append(self._task_definition(name, entry))
            if service.target == "lambda":
                found.append(_architecture(name, service.architecture, proof))
                found.append(self._function(name, entry, proof))
        return found

    def _record(self, record: Record) -> Finding:
        wanted = {each.image or name for name, each in self._stack.settings.services.items()}
        lost = sorted(wanted - record.images.keys())
        if record.outcome != "succeeded":
            return Finding(
                what="record",
                found=f"{record.id} did not succeed ({record.outcome})",
                problem=True,
                advice=f"choose one that did: `slipway history {record.stack}`",
            )
        if lost:
            return Finding(
                what="record",
                found=f"{record.id} has no image for {', '.join(lost)}",
                problem=True,
                advice=f"it came later: go back with the stack file of {record.commit[:7]}",
            )
        return Finding(what="record", found=f"{record.id}, {len(record.images)} images")

    def _image(self, name: str, entry: ImageEntry, proof: ImageProof, record: Record) -> Finding:
        what = f"image {name}"
        if proof.missing:
            more = f" and {len(proof.missing) - 1} more" if len(proof.missing) > 1 else ""
            return Finding(
                what=what,
                found=f"{entry.repository} lacks {proof.missing[0]}{more}",
                problem=True,
                advice=f"build it again at {record.commit[:7]}, or choose another version",
            )
        return Finding(
            what=what,
            found=f"{entry.digest[:19]}… whole: {proof.manifests} manifests, {proof.blobs} blobs, "
            f"for {', '.join(proof.platforms) or 'a platform that it does not name'}",
        )

    def _moved(self, record: Record) -> Iterator[Finding]:
        for problem in self._names.moved(record):
            yield Finding(
                what="name",
                found=problem,
                problem=True,
                advice="a version is redeployed by its name: see who moved it, or choose another",
            )

    def _bundle(self, record: Record) -> Iterator[Finding]:
        bundle = record.bundle
        if bundle is None:
            return
        place = f"s3://{bundle.bucket}/{bundle.key}"
        stored = ObjectStore(self._stack.access, bundle.bucket).get(bundle.key, _MOST_BUNDLE)
        sha256 = hashlib.sha256(stored[0]).hexdigest() if stored else None
        if sha256 == bundle.sha256:
            yield Finding(what="bundle", found=f"{place}, SHA-256 {bundle.sha256[:12]}…")
            return
        found = f"{place} is gone" if sha256 is None else f"{place} has SHA-256 {sha256}"
        yield Finding(
            what="bundle",
            found=f"{found}, and the record says {bundle.sha256}",
            problem=True,
            advice="get the former version of the object back: the bucket keeps it for 90 days",
        )

    def _task_definition(self, name: str, entry: ImageEntry) -> Finding:
        stack = re.sub(r"[^A-Za-z0-9-]", "-", self._stack.settings.stack)
        revision = active_with(self._stack.access, stack, entry.digest)
        what = f"task definition of {name}"
        if revision:
            return Finding(what=what, found=f"{revision} is ACTIVE with this digest")
        return Finding(
            what=what,
            found="none is ACTIVE with this digest: the update registers a new revision",
        )

    def _function(self, name: str, entry: ImageEntry, proof: ImageProof) -> Finding:
        host, _ = split_repository(entry.repository)
        region = self._stack.keychain.ecr_region(host)
        what = f"function {name}"
        if proof.index or region != self._stack.settings.region:
            form = "an index" if proof.index else f"in {host}"
            return Finding(
                what=what,
                found=f"Lambda takes single manifests of private ECR in "
                f"{self._stack.settings.region}, and the image is {form}",
                problem=True,
                advice="choose a version whose image Lambda takes",
            )
        return Finding(what=what, found=f"a single manifest in private ECR of {region}")


def _architecture(name: str, architecture: str, proof: ImageProof) -> Finding:
    wanted = _ARCHITECTURES[architecture]
    fits = not proof.platforms or wanted in proof.platforms
    return Finding(
        what=f"platform of {name}",
        found=wanted if fits else f"{', '.join(proof.platforms)}, and the service runs {wanted}",
        problem=not fits,
        advice="" if fits else "change `architecture` of the service for this rollback",
    )
