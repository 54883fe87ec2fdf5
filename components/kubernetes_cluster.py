"""A Kubernetes cluster as a stack uses it: how it is reached, and a namespace of its own."""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as k8s

from components.documents.kubernetes.namespace import namespace_object


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

    def __init__(
        self, name: str, args: KubernetesClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name. Raises `ValueError` for a namespace that can't be ours."""
        super().__init__("slipway:index:KubernetesCluster", name, None, opts)
        self.node, self.namespace_name = args.node, args.namespace
        self.kubeconfig = pulumi.Output.secret(args.kubeconfig)
        self.provider = k8s.Provider(
            f"{name}-provider",
            kubeconfig=self.kubeconfig,
            # A kubeconfig that was renewed is no other cluster.
            cluster_identifier=args.cluster_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        made = self._create_namespace(name, args.namespace)
        self.namespace = made.metadata["name"]
        self.register_outputs({"namespace": self.namespace, "cluster_id": args.cluster_id})

    def _create_namespace(self, name: str, namespace: str) -> k8s.core.v1.Namespace:
        wanted = namespace_object(namespace)
        return k8s.core.v1.Namespace(
            f"{name}-namespace",
            metadata=wanted["metadata"],
            opts=pulumi.ResourceOptions(parent=self, provider=self.provider),
        )
