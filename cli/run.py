"""`slipway run`: an image of the registry, by its digest, on this machine and on its own port."""

from __future__ import annotations

import signal
import sys
from typing import Annotated, Any

import typer

from cli.answers import AsJson, Stack, say, show_json
from cli.stack import OpenStack, open_stack
from cli.versions import ImageName, known_image
from clients.docker_run import DockerRun, RunRequest
from clients.registry_names import is_tag

DEFAULT_PORT = 3000

Version = Annotated[
    str | None, typer.Argument(help="A version or another tag; what is deployed if not given.")
]
Port = Annotated[
    int | None,
    typer.Option(min=1, max=65535, help="Port of this machine; the service's own if not given."),
]
Detach = Annotated[bool, typer.Option("--detach", "-d", help="Leave it running and return.")]


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("run")
    def run(
        image: ImageName,
        version: Version = None,
        port: Port = None,
        stack: Stack = "dev",
        detach: Detach = False,
        as_json: AsJson = False,
    ) -> None:
        """Pull an image by its digest and run it here, on its own port; Ctrl-C ends it.

        Only this machine reaches the port. The exit code is the container's.
        """
        if as_json and not detach:
            raise ValueError("--json needs --detach: else the container's own output follows")
        opened = open_stack(stack)
        request = request_of(opened, known_image(opened, image), version, port)
        docker = DockerRun()
        docker.pull(request, opened.keychain.credentials(request.repository.partition("/")[0]))
        container = docker.start(request)
        if as_json:
            show_json(_told(request, container))
        else:
            say(f"{image} {request.tag or ''} {request.digest} runs as {container.name}")
            say(address(request) or "a job: it serves no port")
        if detach:
            if not as_json:
                say(f"end it: docker rm --force {container.name}")
            return
        raise typer.Exit(_follow(docker, container))


def request_of(
    stack: OpenStack, image: str, version: str | None, publish: int | None
) -> RunRequest:
    """What to run. Raises `ValueError` if the registry does not have it."""
    tag, digest = _wanted(stack, image, version)
    service = next(
        (each for name, each in stack.settings.services.items() if (each.image or name) == image),
        None,
    )
    job = bool(getattr(service, "job", False))
    port = None if job else getattr(service, "port", None) or DEFAULT_PORT
    return RunRequest(
        image=image,
        repository=stack.repository(image),
        digest=digest,
        tag=tag,
        port=port,
        publish=publish or port,
        environment=service.environment if service else {},
    )


def address(request: RunRequest) -> str | None:
    """Where it answers; None for a job."""
    return f"http://127.0.0.1:{request.publish}" if request.port else None


def _wanted(stack: OpenStack, image: str, version: str | None) -> tuple[str | None, str]:
    registry = stack.registry(image)
    if version is not None:
        if not is_tag(version):
            raise ValueError(
                f"{version!r} is not a tag; allowed: at most 128 of A-Z a-z 0-9 _ . -, "
                "not beginning with . or -"
            )
        digest = registry.head(version)
        if digest is None:
            raise ValueError(
                f"{registry.repository} has no {version}; `slipway latest {image}` tells the "
                "highest version, `slipway images` what this commit is called"
            )
        return version, digest
    found = stack.records.pointer(stack.settings.stack)
    if found is not None:
        entry = stack.records.read(stack.settings.stack, found[0].record).images.get(image)
        if entry is not None:
            return entry.tag, entry.digest
    name = f"src-{stack.look.images[image].key}"
    digest = registry.head(name)
    if digest is None:
        raise ValueError(
            f"nothing of {image} is deployed to {stack.settings.stack!r} yet, and this commit's "
            f"content is not built: `pulumi up --stack {stack.settings.stack}`, or say a version"
        )
    return name, digest


def _follow(docker: DockerRun, container: Any) -> int:
    """Passes its output on until it ends or somebody ends it; its exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        for chunk in docker.output(container):
            sys.stdout.buffer.write(chunk)
            sys.stdout.flush()
        return docker.exit_code(container)
    except KeyboardInterrupt:
        say("\nstopping")
        return 0
    finally:
        docker.remove(container)


def _told(request: RunRequest, container: Any) -> dict[str, Any]:
    return {
        "image": request.image,
        "digest": request.digest,
        "tag": request.tag,
        "container": container.name,
        "url": address(request),
    }
