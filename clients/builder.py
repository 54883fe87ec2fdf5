"""Builds an image with `docker buildx` and pushes it by digest; names come later."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clients.builder_choice import BuildError, buildx_command, choose_builder
from clients.builder_context import EPOCH, ContextSource, build_context
from clients.builder_login import docker_environment
from clients.builder_process import Limits, TooLongError, run_lines
from clients.builder_progress import Progress
from clients.builder_secrets import secrets_of
from clients.git import Checkout
from clients.registry_auth import Keychain
from clients.registry_names import is_digest, split_repository
from release.dockerfile import base_hosts


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """One image to build."""

    image: str
    """The name that messages use."""
    repository: str | None
    """Where it is pushed to: host[:port]/path. None: nowhere, it is only tried."""
    source: ContextSource
    """What it is built from."""
    build_args: Mapping[str, str] = field(default_factory=dict)
    """Build arguments; they are in the image's history, so never secrets."""
    platforms: Sequence[str] = ()
    """Platforms such as linux/amd64; empty is the builder's own."""
    attest: bool = False
    """Attach provenance; the result is then an index."""
    sbom: str | None = None
    """The scanner image whose bill of materials is attached too."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """For the Dockerfile's `--mount=type=secret`, by id: env:NAME or file:PATH."""
    timeout: int = 1800
    """Seconds."""
    fresh: bool = False
    """Take nothing from the builder's cache."""


class Builder:
    """One BuildKit builder; safe in threads."""

    def __init__(self, keychain: Keychain, name: str | None = None) -> None:
        """`name` is a buildx builder; else $BUILDX_BUILDER; else one of ours, made if missing."""
        self._keychain = keychain
        self._name = name
        self._chosen: str | None = None
        self._lock = threading.Lock()

    def build(
        self,
        at: Checkout,
        request: BuildRequest,
        show: Callable[[str], None],
        cancelled: threading.Event,
    ) -> str:
        """Build and push by digest, without a name; the digest of the manifest or index, or
        nothing if it is not pushed.

        Raises BuildError, CancelledError, ContextError, or what the registry's login raises.
        """
        context = build_context(at, request.source)
        secrets = secrets_of(
            request.image, request.secrets, context.dockerfile_text, at.top, os.environ
        )
        progress = Progress(show, secrets.values)
        hosts = {split_repository(request.repository)[0]} if request.repository else set()
        hosts |= base_hosts(context.dockerfile_text, request.build_args)
        hosts |= base_hosts(f"FROM {request.sbom or 'scratch'}", {})
        with (
            context.tar,
            docker_environment(hosts, self._keychain) as environment,
            tempfile.NamedTemporaryFile(prefix="slipway-metadata-") as metadata,
        ):
            argv = [*self._buildx(environment), *_arguments(request, context.dockerfile)]
            argv += secrets.arguments
            try:
                code = run_lines(
                    [*argv, f"--metadata-file={metadata.name}", "-"],
                    environment=environment,
                    stdin=context.tar,
                    limits=Limits(seconds=request.timeout, cancelled=cancelled),
                    on_line=progress.line,
                )
            except TooLongError as error:
                raise BuildError(
                    f"{request.image}: the build {error}; raise its time limit, or see what "
                    f"hangs:\n{progress.report()}"
                ) from None
            if code != 0:
                raise BuildError(f"{request.image}: the build failed:\n{progress.report()}")
            return _digest(request.image, Path(metadata.name)) if request.repository else ""

    def _buildx(self, environment: Mapping[str, str]) -> list[str]:
        command = buildx_command()
        with self._lock:
            if self._chosen is None:
                self._chosen = choose_builder(command, environment, self._name)
        return [*command, "build", f"--builder={self._chosen}"]


def _arguments(request: BuildRequest, dockerfile: str) -> list[str]:
    args = {"SOURCE_DATE_EPOCH": str(EPOCH), **request.build_args}
    output = (
        {"type": "cacheonly"}
        if request.repository is None
        else {
            "type": "image",
            "name": request.repository,
            "push": "true",
            "push-by-digest": "true",
            "name-canonical": "true",
            "oci-mediatypes": "true",
            "rewrite-timestamp": "true",
        }
    )
    return [
        "--progress=rawjson",
        f"--file={dockerfile}",
        *(f"--build-arg={name}={value}" for name, value in sorted(args.items())),
        *([f"--platform={','.join(request.platforms)}"] if request.platforms else []),
        *(["--no-cache", "--pull"] if request.fresh else []),
        f"--provenance={'mode=max' if request.attest else 'false'}",
        f"--sbom={f'generator={request.sbom}' if request.sbom else 'false'}",
        "--output=" + ",".join(f"{key}={value}" for key, value in output.items()),
    ]


def _digest(image: str, metadata: Path) -> str:
    try:
        digest = str(json.loads(metadata.read_text())["containerimage.digest"])
    except (OSError, ValueError, KeyError) as error:
        raise BuildError(
            f"{image}: buildx did not say which digest it pushed ({error!r}); "
            "buildx 0.13 or later is needed"
        ) from None
    if not is_digest(digest):
        raise BuildError(f"{image}: buildx pushed {digest!r}, which is not a sha256 digest")
    return digest
