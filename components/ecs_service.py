"""One service, or one scheduled task, of ECS on Fargate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components.deployable_image import DeployableImage
from components.documents.task_definition import EcsServiceSpec
from components.ecs_balancer import EcsBalancer, EcsBalancerArgs
from components.ecs_cluster import EcsCluster
from components.ecs_network import EcsNetwork
from components.ecs_schedule import EcsSchedule, EcsScheduleArgs
from components.ecs_task import EcsTask, EcsTaskArgs
from components.fargate_service import FargateServiceArgs, create_fargate_service, create_task_group
from components.record_entry import entry_of
from provider.sdk import EcsRollout, EcsRolloutArgs


@dataclass(frozen=True, kw_only=True)
class EcsServiceArgs:
    """What to run, and where."""

    stack: str
    """Name of the stack."""
    region: str
    """AWS region."""
    account: str | None = None
    """AWS account (12 digits), if the stack says it: its roles are taken for no other."""
    service: EcsServiceSpec
    """The service as the stack file writes it."""
    image: DeployableImage
    """What it is an instance of."""
    repository_arn: pulumi.Input[str | None]
    """ECR repository of the image; None is one outside of private ECR."""
    cluster: EcsCluster
    """Where it runs."""
    network: EcsNetwork
    """Where its tasks get their addresses."""
    policy: Literal["independent", "together"] = "independent"
    """What becomes of the other services of the stack if this one fails."""
    key_arns: Sequence[str] = ()
    """KMS keys of one's own that its secrets are encrypted with."""
    log_key: str | None = None
    """KMS key (ARN) of its log."""
    permissions_boundary: str | None = None
    """ARN of the policy that no right of its roles may exceed."""
    protect: bool = False
    """Its balancer is not deleted, as its address is elsewhere too."""
    release: str | None = None
    """The version of this update, if the stack has versions."""
    again: bool = False
    """Deploys it though nothing changed."""


class EcsService(pulumi.ComponentResource):
    """Runs one image as a service that is rolled out and judged, or by the clock.

    If a new version doesn't get healthy, the one before serves on and the update fails.
    """

    url: pulumi.Output[str] | None
    """The balancer's address; None without one."""
    digest: pulumi.Output[str]
    """The digest that really runs; of a scheduled task the one that will."""
    version: pulumi.Output[str]
    """The image's name for people."""
    verdict: pulumi.Output[str]
    """What came of the rollout, in words."""
    task_role_name: pulumi.Output[str]
    """The role of the program itself, to attach policies to."""
    entry: Mapping[str, pulumi.Input[Any]]
    """What the record of an update says of it."""

    def __init__(
        self, name: str, args: EcsServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name. Raises `ValueError` for what can't be looked up."""
        super().__init__("slipway:index:EcsService", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        task = self._create_task(args)
        self.url, self.version, self.task_role_name = None, args.image.tag, task.task_role_name
        if args.service.schedule is not None:
            self._run_by_the_clock(args, task)
        else:
            self._serve(args, task)
        told = {"url": self.url, "digest": self.digest, "verdict": self.verdict}
        self.register_outputs({**told, "version": self.version})

    def _run_by_the_clock(self, args: EcsServiceArgs, task: EcsTask) -> None:
        group = create_task_group(self._name, args.service, args.network, None, self._child)
        rule = EcsSchedule(
            self._name,
            EcsScheduleArgs(
                stack=args.stack,
                account=args.account,
                service=args.service,
                task=task,
                cluster=args.cluster,
                network=args.network,
                security_group_ids=[group.id],
                permissions_boundary=args.permissions_boundary,
            ),
            self._child,
        )
        # Nothing has run yet: what is said waits for the rule, and claims no more than that.
        both = pulumi.Output.all(rule.task_definition_arn, args.image.digest)
        self.digest = both.apply(lambda each: str(each[1]))
        self.verdict = self.digest.apply(lambda each: f"scheduled {each}")
        self.entry = {
            "target": "ecs",
            "image": args.image.ref,
            "digest": self.digest,
            "version": args.image.tag,
            "verdict": self.verdict,
        }

    def _serve(self, args: EcsServiceArgs, task: EcsTask) -> None:
        balancer = self._create_balancer(args)
        group = create_task_group(self._name, args.service, args.network, balancer, self._child)
        service = create_fargate_service(
            self._name,
            FargateServiceArgs(
                stack=args.stack,
                service=args.service,
                task=task,
                cluster=args.cluster,
                network=args.network,
                security_group_id=group.id,
                balancer=balancer,
            ),
            self._child,
        )
        rollout = self._create_rollout(args, task, service)
        self.url = balancer.url if balancer else None
        self.digest, self.verdict = rollout.deployed_digest, rollout.verdict
        self.entry = entry_of("ecs", args.image, rollout)

    def _create_task(self, args: EcsServiceArgs) -> EcsTask:
        return EcsTask(
            self._name,
            EcsTaskArgs(
                stack=args.stack,
                region=args.region,
                account=args.account,
                service=args.service,
                ref=args.image.ref,
                repository_arn=args.repository_arn,
                key_arns=args.key_arns,
                log_key=args.log_key,
                permissions_boundary=args.permissions_boundary,
            ),
            self._child,
        )

    def _create_balancer(self, args: EcsServiceArgs) -> EcsBalancer | None:
        if args.service.balancer is None:
            return None
        wanted = EcsBalancerArgs(
            stack=args.stack, service=args.service, network=args.network, protect=args.protect
        )
        return EcsBalancer(self._name, wanted, self._child)

    def _create_rollout(
        self, args: EcsServiceArgs, task: EcsTask, service: aws.ecs.Service
    ) -> EcsRollout:
        # In the service's own network, with the revision that comes.
        before = {"command": list(args.service.before)} if args.service.before else None
        return EcsRollout(
            f"{self._name}-rollout",
            EcsRolloutArgs(
                service=args.service.name,
                cluster=args.cluster.cluster_name,
                ecs_service=service.name,
                task_definition=task.task_definition_arn,
                image=args.image.ref,
                digest=args.image.digest,
                count=args.service.count,
                timeout=args.service.timeout,
                policy=args.policy,
                before=before,
                release=args.release,
                again=args.again,
            ),
            self._child,
        )
