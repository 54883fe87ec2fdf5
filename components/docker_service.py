"""One container on a Docker engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pulumi
import pulumi_docker as docker

from components.docker_engine import DockerEngine
from components.documents.container import LOG_OPTIONS, DockerServiceSpec
from components.documents.physical_names import by_digest
from components.documents.probe import INTERVAL, RETRIES, TIMEOUT
from components.host_service import DeployableImage


@dataclass(frozen=True, kw_only=True)
class DockerServiceArgs:
    """What to run, and where."""

    service: DockerServiceSpec
    """The service as the stack file writes it."""
    image: DeployableImage
    """What it is an instance of."""
    engine: DockerEngine
    """Where it runs."""


class DockerService(pulumi.ComponentResource):
    """Runs one image, by its digest, as a container that starts with the engine.

    A new version takes the old one's place: its name and port can't be had twice, so there is a
    moment with neither. The update fails unless the new one gets healthy; nothing is put back then.
    """

    url: pulumi.Output[str] | None
    """Where it answers; None if it serves nothing."""
    digest: pulumi.Output[str]
    """The digest of the image that the container was made of."""
    version: pulumi.Output[str]
    """The image's name for people."""
    verdict: pulumi.Output[str]
    """What came of it, in words."""
    entry: Mapping[str, pulumi.Input[Any]]
    """What the record of an update says of it."""

    def __init__(
        self, name: str, args: DockerServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:DockerService", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self, provider=args.engine.provider)
        image = self._create_image(args)
        container = self._create_container(args, image)
        # Known once the container is healthy, not as soon as its image is there.
        told = pulumi.Output.all(image.repo_digest, container.image)
        self.digest = told.apply(lambda each: str(each[0]).rpartition("@")[2])
        self.version = args.image.tag
        self.verdict = self.digest.apply(lambda each: f"running {each}")
        self.url = self._url(args, container)
        self.entry = {
            "target": "docker",
            "image": args.image.ref,
            "digest": self.digest,
            "version": args.image.tag,
            "verdict": self.verdict,
        }
        self.register_outputs(
            {
                "url": self.url,
                "digest": self.digest,
                "version": self.version,
                "verdict": self.verdict,
            }
        )

    def _create_image(self, args: DockerServiceArgs) -> docker.RemoteImage:
        return docker.RemoteImage(
            f"{self._name}-image",
            name=args.image.ref.apply(by_digest),
            # What ran before is what an older version is started from.
            keep_locally=True,
            opts=self._child,
        )

    def _create_container(
        self, args: DockerServiceArgs, image: docker.RemoteImage
    ) -> docker.Container:
        service = args.service
        return docker.Container(
            f"{self._name}-container",
            name=service.name,
            image=image.image_id,
            envs=[f"{name}={value}" for name, value in sorted(service.environment.items())],
            ports=_ports(service),
            volumes=_volumes(service),
            memory=service.memory,
            # Without swap of its own: else Docker takes twice as much, and refuses to raise it.
            memory_swap=service.memory,
            restart="unless-stopped",
            init=True,
            security_opts=["no-new-privileges:true"],
            capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
            log_driver="json-file",
            log_opts=LOG_OPTIONS,
            destroy_grace_seconds=service.drain,
            healthcheck=_health_check(service),
            # Without a check there is nothing to wait for, and the provider refuses to.
            wait=service.check_command is not None,
            wait_timeout=service.timeout,
            must_run=True,
            opts=pulumi.ResourceOptions.merge(
                self._child,
                # Docker knows no change of a health check in place.
                pulumi.ResourceOptions(
                    delete_before_replace=True, replace_on_changes=["healthcheck"]
                ),
            ),
        )

    def _url(
        self, args: DockerServiceArgs, container: docker.Container
    ) -> pulumi.Output[str] | None:
        port = args.service.published
        if port is None:
            return None
        address = "127.0.0.1"
        if args.service.open:
            address = urlsplit(args.engine.host).hostname or address
        url: pulumi.Output[str] = container.name.apply(lambda _: f"http://{address}:{port}")
        return url


def _health_check(service: DockerServiceSpec) -> docker.ContainerHealthcheckArgs | None:
    command = service.check_command
    if command is None:
        return None
    return docker.ContainerHealthcheckArgs(
        tests=command,
        interval=f"{INTERVAL}s",
        timeout=f"{TIMEOUT}s",
        start_period=f"{service.grace}s",
        retries=RETRIES,
    )


def _ports(service: DockerServiceSpec) -> list[docker.ContainerPortArgs]:
    if service.port is None:
        return []
    return [
        docker.ContainerPortArgs(
            internal=service.port,
            external=service.published,
            ip="0.0.0.0" if service.open else "127.0.0.1",  # noqa: S104 -- the stack file asks for it
            protocol="tcp",
        )
    ]


def _volumes(service: DockerServiceSpec) -> list[docker.ContainerVolumeArgs]:
    pairs = [volume.split(":", 1) for volume in service.volumes]
    return [
        docker.ContainerVolumeArgs(volume_name=f"{service.name}-{name}", container_path=path)
        for name, path in pairs
    ]
