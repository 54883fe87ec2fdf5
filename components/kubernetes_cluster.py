"""A Kubernetes cluster as a stack uses it: how it is reached, and a namespace of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.documents.kubernetes.namespace import namespace_object

MANAGED = {"pulumi.com/patchFieldManager": "slipway"}
"""The annotation by which all objects of ours have one field manager, whoever applies them."""


@dataclass(frozen=True, kw_only=True)
class KubernetesClusterArgs:
    """Which cluster."""

    kubeconfig: str = field(repr=False)
    """The text of `microk8s config`; kept as a secret."""
    cluster_id: str
    """What tells it from other clusters: the uid of its namespace kube-system."""
    node: str
    """The address that its published ports are on."""
    namespace: str
    """The namespace that all of the stack is in."""
    moving: bool = False
    """Objects that are there already are taken over, and none is deleted with the stack's."""


class KubernetesCluster(pulumi.ComponentResource):
    """Makes the provider of all objects of one cluster, and the namespace that they are in.

    That has the level `restricted` of Pod Security, enforced.
    """

    provider: k8s.Provider
    """To be given to every object."""
    kubeconfig: pulumi.Output[str]
    """How to reach it, a secret."""
    namespace: pulumi.Output[str]
    """The namespace, known once it is there."""
    namespace_name: str
    """Its name."""
    node: str
    """The address that published ports are on."""
    moving: bool
    """Whether objects are left where they are when they leave the stack."""

    def __init__(
        self, name: str, args: KubernetesClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name. Raises `ValueError` for a namespace that can't be ours."""
        super().__init__("slipway:index:KubernetesCluster", name, None, opts)
        self.node, self.namespace_name, self.moving = args.node, args.namespace, args.moving
        self.kubeconfig = pulumi.Output.secret(args.kubeconfig)
        self.provider = k8s.Provider(
            f"{name}-provider",
            kubeconfig=self.kubeconfig,
            # A kubeconfig that was renewed is no other cluster.
            cluster_identifier=args.cluster_id,
            upsert_existing_objects=args.moving or None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        made = self._create_namespace(name, args.namespace)
        self.namespace = made.metadata["name"]
        told = {"cluster_id": args.cluster_id, "moving": args.moving}
        self.register_outputs({"namespace": self.namespace, **told})

    def _create_namespace(self, name: str, namespace: str) -> k8s.core.v1.Namespace:
        metadata: Any = {**namespace_object(namespace)["metadata"], "annotations": MANAGED}
        return k8s.core.v1.Namespace(
            f"{name}-namespace",
            metadata=metadata,
            opts=pulumi.ResourceOptions(
                parent=self, provider=self.provider, retain_on_delete=self.moving
            ),
        )
