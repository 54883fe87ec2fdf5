"""One service on a Docker engine: a container that takes the place of the one before, judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import pulumi
import pulumi_docker as docker

from components.deployable_image import DeployableImage
from components.docker_engine import DockerEngine
from components.documents.container import DockerServiceSpec, container_settings, fingerprint
from components.documents.physical_names import by_digest
from components.record_entry import entry_of
from provider.sdk import DockerName, DockerNameArgs, DockerRollout, DockerRolloutArgs

OWNER = "slipway.service"
"""The label of every container of a service: project/stack/service."""


@dataclass(frozen=True, kw_only=True)
class DockerServiceArgs:
    """What to run, and where."""

    stack: str
    """Name of the stack."""
    service: DockerServiceSpec
    """The service as the stack file writes it."""
    image: DeployableImage
    """What it is an instance of."""
    engine: DockerEngine
    """Where it runs."""
    policy: Literal["independent", "together"] = "independent"
    """What becomes of the other services of the stack if this one fails."""
    release: str | None = None
    """The version of this update, if the stack has versions."""
    again: bool = False
    """Deploys it though nothing changed."""


class DockerService(pulumi.ComponentResource):
    """Runs one image, by its digest, as a container that starts with the engine.

    A new version is tried beside the old one, which stays as it is if the new one does not get
    healthy. Then it takes the old one's port, and gives it back if it is not healthy there.
    """

    url: pulumi.Output[str] | None
    """Where it answers; None if it serves nothing."""
    digest: pulumi.Output[str]
    """The digest that really runs."""
    version: pulumi.Output[str]
    """The image's name for people."""
    verdict: pulumi.Output[str]
    """What came of the rollout, in words."""
    container_name: pulumi.Output[str]
    """Name of the container: `<service>-<8 hexadecimal digits>`."""
    entry: Mapping[str, pulumi.Input[Any]]
    """What the record of an update says of it."""

    def __init__(
        self, name: str, args: DockerServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:DockerService", name, None, opts)
        self._name = name
        self._owner = f"{pulumi.get_project()}/{args.stack}/{args.service.name}"
        self._settings = container_settings(args.service)
        self._child = pulumi.ResourceOptions(parent=self, provider=args.engine.provider)
        image = self._create_image(args)
        container = self._create_container(args, image, self._create_name(args))
        rollout = self._create_rollout(args, container)
        self.digest, self.verdict = rollout.deployed_digest, rollout.verdict
        self.version, self.container_name = args.image.tag, container.name
        self.entry = entry_of("docker", args.image, rollout)
        self.url = self._url(args, rollout)
        self.register_outputs(
            {
                "url": self.url,
                "digest": self.digest,
                "version": self.version,
                "verdict": self.verdict,
                "container_name": self.container_name,
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

    def _create_name(self, args: DockerServiceArgs) -> DockerName:
        return DockerName(
            f"{self._name}-name",
            DockerNameArgs(
                service=args.service.name,
                host=args.engine.host,
                owner=self._owner,
                digest=args.image.digest,
                settings=fingerprint(self._settings),
                again=args.again,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_container(
        self, args: DockerServiceArgs, image: docker.RemoteImage, name: DockerName
    ) -> docker.Container:
        """Made, not started: that is for the rollout, when the place is free."""
        place = f"-{args.service.address}-{args.service.published}" if args.service.port else ""
        return docker.Container(
            # With the address: only a new resource gets another one, as changes are ignored below.
            f"{self._name}-container{place}",
            **self._settings,
            name=name.name,
            image=image.image_id,
            labels=[{"label": OWNER, "value": self._owner}],
            start=False,
            must_run=False,
            wait=False,
            destroy_grace_seconds=args.service.drain,
            opts=pulumi.ResourceOptions.merge(
                self._child,
                # Docker tells the ports of running containers alone: the provider finds none after
                # it has made this one, and would replace it in every update.
                pulumi.ResourceOptions(
                    delete_before_replace=False,
                    ignore_changes=["ports"],
                    # Docker knows no change of a health check in place.
                    replace_on_changes=["healthcheck"],
                ),
            ),
        )

    def _create_rollout(
        self, args: DockerServiceArgs, container: docker.Container
    ) -> DockerRollout:
        service = args.service
        return DockerRollout(
            f"{self._name}-rollout",
            DockerRolloutArgs(
                service=service.name,
                host=args.engine.host,
                owner=self._owner,
                container=container.id,
                image=args.image.ref,
                digest=args.image.digest,
                drain=service.drain,
                timeout=service.timeout,
                policy=args.policy,
                release=args.release,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _url(self, args: DockerServiceArgs, rollout: DockerRollout) -> pulumi.Output[str] | None:
        port = args.service.published
        if port is None:
            return None
        address = "127.0.0.1"
        if args.service.open:
            address = urlsplit(args.engine.host).hostname or address
        url: pulumi.Output[str] = rollout.verdict.apply(lambda _: f"http://{address}:{port}")
        return url
