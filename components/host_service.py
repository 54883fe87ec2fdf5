"""One service or job on a host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.documents.service import HostServiceSpec
from components.host_rollout import HostRolloutWish, make_rollout
from components.record_entry import entry_of


@dataclass(frozen=True, kw_only=True)
class HostServiceArgs(HostRolloutWish):
    """What to run, and where."""

    service: HostServiceSpec
    """Its port, health, volumes and environment."""


class HostService(pulumi.ComponentResource):
    """Runs one image on every machine of a host, wave by wave; gives back what answers there.

    If more machines fail than may, the rest is not begun, and those that had switched are put back
    or held. The update fails unless every machine runs the image.
    """

    url: pulumi.Output[str] | None
    """Where it answers inside the network; None for a job."""
    digest: pulumi.Output[str]
    """The digest that really runs."""
    version: pulumi.Output[str]
    """The image's name for people."""
    verdict: pulumi.Output[str]
    """What came of the rollout, in words."""
    entry: Mapping[str, pulumi.Input[Any]]
    """What the record of an update says of it."""

    def __init__(
        self, name: str, args: HostServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:HostService", name, None, opts)
        rollout = make_rollout(
            self,
            name,
            args,
            service=args.service.name,
            kind=args.service.kind,
            timeout=args.service.limit,
        )
        self.url = self._url(args)
        self.digest = rollout.deployed_digest
        self.version = args.image.tag
        self.verdict = rollout.verdict
        self.entry = entry_of("host", args.image, rollout)
        self.register_outputs(
            {
                "url": self.url,
                "digest": self.digest,
                "version": self.version,
                "verdict": self.verdict,
            }
        )

    def _url(self, args: HostServiceArgs) -> pulumi.Output[str] | None:
        if args.service.job:
            return None
        return pulumi.Output.format("http://{0}:{1}", args.host.address, args.service.published[0])
