"""Builds an image with `docker buildx` and pushes it by digest; names come later."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clients import ClientError
from clients.builder_context import EPOCH, ContextSource, build_context
from clients.builder_login import docker_environment
from clients.builder_process import Limits, TooLongError, run_lines
from clients.builder_progress import Progress
from clients.git import Checkout
from clients.registry_auth import Keychain
from clients.registry_names import is_digest, split_repository

OWN_BUILDER = "slipway"


class BuildError(ClientError):
    """The build failed; the message ends with the last lines of its log."""


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """One image to build."""

    image: str
    """The name that messages use."""
    repository: str
    """Where it is pushed to: host[:port]/path."""
    source: ContextSource
    """What it is built from."""
    build_args: Mapping[str, str] = field(default_factory=dict)
    """Build arguments; they are in the image's history, so never secrets."""
    platforms: Sequence[str] = ()
    """Platforms such as linux/amd64; empty is the builder's own."""
    attest: bool = False
    """Attach provenance and a bill of materials; the result is then an index."""
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
        """Build and push by digest, without a name; the digest of the manifest or index.

        Raises BuildError, CancelledError, ContextError, or what the registry's login raises.
        """
        host, _ = split_repository(request.repository)
        progress = Progress(show)
        context = build_context(at, request.source)
        with (
            context.tar,
            docker_environment(host, self._keychain) as environment,
            tempfile.NamedTemporaryFile(prefix="slipway-metadata-") as metadata,
        ):
            argv = [*self._buildx(environment), *_arguments(request, context.dockerfile)]
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
            return _digest(request.image, Path(metadata.name))

    def _buildx(self, environment: Mapping[str, str]) -> list[str]:
        command = _command()
        with self._lock:
            if self._chosen is None:
                self._chosen = _choose(command, environment, self._name)
        return [*command, "build", f"--builder={self._chosen}"]


def _arguments(request: BuildRequest, dockerfile: str) -> list[str]:
    args = {"SOURCE_DATE_EPOCH": str(EPOCH), **request.build_args}
    output = {
        "type": "image",
        "name": request.repository,
        "push": "true",
        "push-by-digest": "true",
        "name-canonical": "true",
        "oci-mediatypes": "true",
        "rewrite-timestamp": "true",
    }
    return [
        "--progress=rawjson",
        f"--file={dockerfile}",
        *(f"--build-arg={name}={value}" for name, value in sorted(args.items())),
        *([f"--platform={','.join(request.platforms)}"] if request.platforms else []),
        *(["--no-cache", "--pull"] if request.fresh else []),
        f"--provenance={'mode=max' if request.attest else 'false'}",
        f"--sbom={'true' if request.attest else 'false'}",
        "--output=" + ",".join(f"{key}={value}" for key, value in output.items()),
    ]


def _command() -> list[str]:
    if (found := shutil.which("docker-buildx")) is not None:
        return [found]
    if (docker := shutil.which("docker")) is not None:
        return [docker, "buildx"]
    raise BuildError(
        "neither docker-buildx nor docker is on PATH; install Docker with its buildx "
        "plugin (`make setup` does), and source env.sh"
    )


def _choose(command: Sequence[str], environment: Mapping[str, str], name: str | None) -> str:
    wanted = name or os.environ.get("BUILDX_BUILDER")
    if wanted is not None:
        code, said = _ask([*command, "inspect", wanted], environment)
        if code != 0:
            raise BuildError(
                f"the builder {wanted!r} can't be used: {said.strip()}; see "
                "`docker buildx ls`, or unset slipway's builder and BUILDX_BUILDER"
            )
        if any(line.split() == ["Driver:", "docker"] for line in said.splitlines()):
            raise BuildError(
                f"the builder {wanted!r} is Docker's default driver, which can't push "
                "by digest; allowed: docker-container, kubernetes, remote. "
                "`docker buildx create --driver docker-container` makes one"
            )
        return wanted
    if _ask([*command, "inspect", OWN_BUILDER], environment)[0] == 0:
        return OWN_BUILDER
    code, said = _ask(
        [
            *command,
            "create",
            f"--name={OWN_BUILDER}",
            "--driver=docker-container",
            "--driver-opt=network=host",
        ],  # else a registry on this machine can't be reached
        environment,
    )
    if code != 0 and _ask([*command, "inspect", OWN_BUILDER], environment)[0] != 0:
        raise BuildError(f"no builder could be made: {said.strip()}; is Docker running?")
    return OWN_BUILDER


def _ask(argv: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    try:
        done = subprocess.run(  # noqa: S603
            list(argv),
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    except subprocess.TimeoutExpired:
        return 1, f"`{' '.join(argv)}` did not answer within 60 s"
    return done.returncode, done.stdout if done.returncode == 0 else done.stderr


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
