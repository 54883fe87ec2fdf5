"""One service of a Kubernetes cluster: its surroundings, and a deployment that is judged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_kubernetes as k8s

from components.deployable_image import DeployableImage
from components.documents.kubernetes.bundle import surroundings, versioned
from components.documents.kubernetes.configuration import secret_name
from components.documents.kubernetes.spec import KubernetesServiceSpec
from components.documents.kubernetes.workload import task_before
from components.kubernetes_cluster import MANAGED, KubernetesCluster
from components.record_entry import entry_of
from provider.sdk import KubernetesRollout, KubernetesRolloutArgs

# Logical name and class by kind.
_KINDS: Mapping[str, tuple[str, Any]] = {
    "ServiceAccount": ("account", k8s.core.v1.ServiceAccount),
    "Service": ("service", k8s.core.v1.Service),
    "Ingress": ("ingress", k8s.networking.v1.Ingress),
    "NetworkPolicy": ("network-policy", k8s.networking.v1.NetworkPolicy),
    "HorizontalPodAutoscaler": ("autoscaler", k8s.autoscaling.v2.HorizontalPodAutoscaler),
    "PodDisruptionBudget": ("disruption-budget", k8s.policy.v1.PodDisruptionBudget),
}
# The provider would wait for pods behind a service, which the rollout makes after it.
_ALONE = {"Service": {"pulumi.com/skipAwait": "true"}, "Ingress": {"pulumi.com/skipAwait": "true"}}


@dataclass(frozen=True, kw_only=True)
class MicroK8sAppArgs:
    """What to run, and where."""

    service: KubernetesServiceSpec
    """The service as the stack file writes it."""
    image: DeployableImage
    """What it is an instance of."""
    cluster: KubernetesCluster
    """Where it runs."""
    login: bool = False
    """Whether its image is in private ECR: the cluster is given a login at each rollout."""
    policy: Literal["independent", "together"] = "independent"
    """What becomes of the other services of the stack if this one fails."""
    release: str | None = None
    """The version of this update, if the stack has versions."""
    again: bool = False
    """Deploys it though nothing changed."""


class MicroK8sApp(pulumi.ComponentResource):
    """Runs one image, by its digest, as pods of a cluster, or as a task that runs by the clock.

    A new version takes over pod by pod. If it does not get ready in time, the one before is put
    back and the update fails. All that rollouts make belongs to the service's account, and goes
    with it.
    """

    url: pulumi.Output[str] | None
    """Where it answers; None if nothing outside of the cluster reaches it."""
    digest: pulumi.Output[str]
    """The digest that really runs."""
    version: pulumi.Output[str]
    """The image's name for people."""
    verdict: pulumi.Output[str]
    """What came of the rollout, in words."""
    entry: Mapping[str, pulumi.Input[Any]]
    """What the record of an update says of it."""

    def __init__(
        self, name: str, args: MicroK8sAppArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:MicroK8sApp", name, None, opts)
        self._name = name
        around = self._create_surroundings(args)
        rollout = self._create_rollout(args, around)
        self.digest, self.verdict = rollout.deployed_digest, rollout.verdict
        self.version = args.image.tag
        self.entry = entry_of("microk8s", args.image, rollout)
        self.url = self._url(args, rollout)
        self.register_outputs(
            {
                "url": self.url,
                "digest": self.digest,
                "version": self.version,
                "verdict": self.verdict,
            }
        )

    def _create_surroundings(self, args: MicroK8sAppArgs) -> dict[str, pulumi.CustomResource]:
        """Account, network and scaling, by kind."""
        opts = pulumi.ResourceOptions(
            parent=self,
            provider=args.cluster.provider,
            depends_on=[args.cluster],
            retain_on_delete=args.cluster.moving,
        )
        made: dict[str, pulumi.CustomResource] = {}
        for document in surroundings(args.service, args.cluster.namespace_name):
            kind = document["kind"]
            name, of_kind = _KINDS[kind]
            notes = {**MANAGED, **_ALONE.get(kind, {})}
            metadata = {**document["metadata"], "annotations": notes}
            own = {key: document[key] for key in document if key not in _HEAD}
            logical = f"{self._name}-{name}"
            made[kind] = of_kind(logical, metadata=metadata, **_named(own), opts=opts)
        return made

    def _create_rollout(
        self, args: MicroK8sAppArgs, around: Mapping[str, pulumi.CustomResource]
    ) -> KubernetesRollout:
        service, cluster = args.service, args.cluster
        account: Any = around["ServiceAccount"]
        return KubernetesRollout(
            f"{self._name}-rollout",
            KubernetesRolloutArgs(
                service=service.name,
                kubeconfig=cluster.kubeconfig,
                namespace=cluster.namespace,
                manifests=self._manifests(args),
                before=self._before(args),
                image=args.image.ref,
                digest=args.image.digest,
                # A preview may not know it.
                owner=account.metadata.apply(lambda each: each.get("uid") or ""),
                login=args.login,
                secret=secret_name(service) if service.secrets else "",
                references=dict(service.secrets),
                parameters=service.secret_versions,
                policy=args.policy,
                timeout=service.timeout,
                release=args.release,
                again=args.again,
            ),
            # What the API refuses of the surroundings, such as a port that is taken, comes first.
            pulumi.ResourceOptions(parent=self, depends_on=list(around.values())),
        )

    def _manifests(self, args: MicroK8sAppArgs) -> pulumi.Output[str]:
        def filled(ref: str) -> str:
            place = args.cluster.namespace_name
            return json.dumps(versioned(args.service, place, ref, pull_secret=args.login))

        text: pulumi.Output[str] = args.image.ref.apply(filled)
        return text

    def _before(self, args: MicroK8sAppArgs) -> pulumi.Input[str] | None:
        if not args.service.before:
            return None

        def filled(ref: str) -> str:
            service, place = args.service, args.cluster.namespace_name
            name = f"{service.name}-before"
            return json.dumps(task_before(service, place, ref, name, pull_secret=args.login))

        text: pulumi.Output[str] = args.image.ref.apply(filled)
        return text

    def _url(self, args: MicroK8sAppArgs, rollout: KubernetesRollout) -> pulumi.Output[str] | None:
        service = args.service
        if service.host is not None:
            address = f"{'https' if service.tls_secret else 'http'}://{service.host}"
        elif service.publish is not None:
            address = f"http://{args.cluster.node}:{service.publish}"
        else:
            return None
        url: pulumi.Output[str] = rollout.verdict.apply(lambda _: address)
        return url


_HEAD = ("apiVersion", "kind", "metadata")


def _named(document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a document by the names that Python's classes of them have."""
    words = {"automountServiceAccountToken": "automount_service_account_token"}
    return {words.get(key, key): value for key, value in document.items()}
