"""`KubernetesRollout` as a Pulumi program writes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pulumi
from pulumi import Input

from provider.sdk.base import inputs_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class KubernetesRolloutArgs:
    """A deployment, or a cron job, of one cluster, and what is switched together with it."""

    service: str
    """Name of the service in the stack file. Another one replaces the resource."""
    kubeconfig: Input[str]
    """The text of `microk8s config`: a secret. By itself no diff."""
    namespace: Input[str]
    """Where it is. A diff."""
    manifests: Input[str]
    """JSON list of what is switched, last the Deployment or CronJob of that name. A diff."""
    image: Input[str]
    """repository:tag@digest: what its pods run. A diff."""
    digest: Input[str]
    """The digest that has to run in the end. A diff."""
    before: Input[str] | None = None
    """JSON of a Job that must succeed first; its name is completed. A diff."""
    owner: Input[str] = ""
    """The uid of the service account that all of it belongs to."""
    login: bool = False
    """Write a fresh login of private ECR into the namespace's secret `registry`."""
    secret: str = ""
    """Name of the secret that holds the variables of `references`."""
    references: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Variables by `parameter:/path` or `secret:name`, read at the rollout. A diff."""
    parameters: Input[str] = ""
    """The versions of what they refer to: another one is a diff."""
    policy: str = "independent"
    """"together": a failure is a verdict, and Together raises. By itself no diff."""
    timeout: int = 120
    """Seconds for all of it."""
    release: str | None = None
    """The version of this update, if the stack has versions. Explanation only."""
    again: bool = False
    """Apply it though nothing changed. A diff, while it is true."""


class KubernetesRollout(pulumi.CustomResource):
    """A deployment whose pods run the asked digest, or an error and the old ones.

    Deleting the resource does nothing: what it made goes with the service account.
    """

    verdict: pulumi.Output[str]
    """"running sha256:…"; with the policy "together" maybe "put back to sha256:…: why"."""
    running: pulumi.Output[Mapping[str, str]]
    """The digest that was read back, by pod."""
    deployed_digest: pulumi.Output[str]
    """The digest that runs; empty if there is no deployment."""
    seconds: pulumi.Output[Mapping[str, float]]
    """How long "before" took, and "total"."""
    reason: pulumi.Output[str]
    """Why it was deployed last."""
    deployment: pulumi.Output[str]
    """Id of the record of the update that deployed it last."""

    def __init__(
        self, name: str, args: KubernetesRolloutArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name, which holds neither stack nor version."""
        outputs = ("verdict", "running", "deployed_digest", "seconds", "reason", "deployment")
        super().__init__(
            "rollout:index:KubernetesRollout",
            name,
            {**inputs_of(args), **dict.fromkeys(outputs)},
            opts,
        )
