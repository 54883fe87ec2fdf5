"""The cluster that services and tasks belong to."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.documents.physical_names import physical_name
from components.lookups import looked_up

_INSIGHTS = [{"name": "containerInsights", "value": "enabled"}]


@dataclass(frozen=True, kw_only=True)
class EcsClusterArgs:
    """Which cluster."""

    stack: str
    """Name of the stack."""
    cluster: str | None = None
    """Name of one that others have made; None: the stack makes `slipway-<stack>`."""
    insights: bool = False
    """Whether a cluster made here has Container Insights; CloudWatch charges for each metric.
    Without: as the account's own setting says."""


class EcsCluster(pulumi.ComponentResource):
    """Makes a cluster for Fargate, or looks one up; gives back its name and ARN.

    All services of a stack that name no other share one. It costs nothing by itself.
    """

    cluster_name: pulumi.Output[str]
    """Its name."""
    arn: pulumi.Output[str]
    """Its ARN."""

    def __init__(
        self, name: str, args: EcsClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name. Raises `ValueError` if a named cluster isn't there."""
        super().__init__("slipway:index:EcsCluster", name, None, opts)
        if args.cluster is None:
            made = aws.ecs.Cluster(
                f"{name}-cluster",
                name=physical_name("slipway", args.stack, longest=255),
                settings=_INSIGHTS if args.insights else None,
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.cluster_name, self.arn = made.name, made.arn
        else:
            self.cluster_name = pulumi.Output.from_input(args.cluster)
            self.arn = pulumi.Output.from_input(self._look_up(args.cluster))
        self.register_outputs({"cluster_name": self.cluster_name, "arn": self.arn})

    def _look_up(self, cluster: str) -> str:
        opts = pulumi.InvokeOptions(parent=self)
        return looked_up(
            f"cluster {cluster}",
            "correct `cluster` of the service, or leave it out for one of the stack's own",
            lambda: str(aws.ecs.get_cluster(cluster_name=cluster, opts=opts).arn),
        )
