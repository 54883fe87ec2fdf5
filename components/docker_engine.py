"""A Docker engine that containers run on: a laptop's, or a small machine's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker


@dataclass(frozen=True, kw_only=True)
class DockerEngineArgs:
    """Which engine, and where it logs in."""

    host: str = "unix:///var/run/docker.sock"
    """Its address: unix://, tcp:// or ssh://."""
    registries: Sequence[pulumi.Input[str]] = ()
    """Registries (host, or host:port) that want a login. Who logs in is `docker login`, or a
    credential helper, of the machine that runs Pulumi: no secret is an input."""


class DockerEngine(pulumi.ComponentResource):
    """Makes the provider of all containers of one engine."""

    provider: docker.Provider
    """To be given to every `DockerService`."""
    host: str
    """The engine's address."""

    def __init__(
        self, name: str, args: DockerEngineArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:DockerEngine", name, None, opts)
        self.host = args.host
        self.provider = docker.Provider(
            f"{name}-provider",
            host=args.host,
            # The address alone: user and password come out of Docker's own configuration.
            registry_auth=[
                docker.ProviderRegistryAuthArgs(address=each) for each in args.registries
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"host": self.host})
