"""The EC2 machine that services run on, or machines that others have made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.deploy_log import DEPLOY_LOG_DAYS, create_deploy_log
from components.documents.deploy_document import deploy_document
from components.documents.grammar import check
from components.documents.user_data import install_script
from components.host_group import create_host_group
from components.host_lookup import look_up_instances
from components.host_role import HostRole, HostRoleArgs
from components.session_logging import SessionLogging, SessionLoggingArgs

UBUNTU = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
"""Canonical's own parameter: the newest image of Ubuntu 24.04."""


@dataclass(frozen=True, kw_only=True)
class HostArgs:
    """What a machine is made of, or how machines are found."""

    stack: str
    """Name of the stack: whose bundles the machine may read."""
    region: str
    """AWS region."""
    create: bool
    """Whether this stack owns one machine; false: running machines are found by a tag."""
    instances: Mapping[str, str] | None = None
    """`{"tag": "name=value"}`: which machines, when they are not created here."""
    instance_type: str = "t3.small"
    """EC2 instance type, of the x86-64 architecture."""
    volume_gib: int = 20
    """Size of the encrypted root volume, GiB."""
    subnet: str | None = None
    """Subnet; one of the default network's if not given."""
    public_address: bool | None = None
    """Whether it gets a public address. If not given: none in a `subnet` that is, and in the
    default network, which has no other way out, as that says. Without one it needs a NAT gateway,
    or endpoints for SSM, ECR and S3."""
    open_to: Sequence[str] = ()
    """CIDR blocks that may reach the ports; nobody if empty."""
    ports: Sequence[int] = ()
    """Published ports."""
    bucket: pulumi.Input[str]
    """Bucket of the deploy bundles."""
    repository: pulumi.Input[str]
    """host/path, with {image} for the name: where the images come from that it may run."""
    repository_arns: Sequence[pulumi.Input[str | None]] = ()
    """ECR repositories that it may pull from; None is one outside of ECR."""
    bundle_key: str | None = None
    """ARN of the KMS key that bundles are encrypted with, if it is one's own."""
    parameter_paths: Sequence[str] = ()
    """Paths of Parameter Store that its services read."""
    references: Sequence[str] = ()
    """Parameters and secrets that services of its MicroK8s read, as `parameter:/path`."""
    kubernetes: bool = False
    """Whether MicroK8s is installed at its first boot."""
    log_days: int = DEPLOY_LOG_DAYS
    """Days that the output of deploys is kept."""
    log_key: str | None = None
    """ARN of a KMS key for it; its policy must let CloudWatch Logs use it."""
    sessions: SessionLoggingArgs | None = None
    """How sessions on it are logged; None: as the account's own preferences say."""
    protect: bool = False
    """Pulumi refuses to delete or replace it, and so does EC2."""


class Host(pulumi.ComponentResource):
    """Makes a machine reached through SSM alone, or finds machines; gives back their ids.

    The deploy document belongs to the stack in both cases.
    """

    instance_ids: pulumi.Output[list[str]]
    """Ids of the instances."""
    address: pulumi.Output[str]
    """Private address of the first one."""
    document_name: pulumi.Output[str]
    """Name of the deploy document."""
    document_hash: pulumi.Output[str]
    """SHA-256 that AWS has of it."""
    log_group: pulumi.Output[str]
    """Name of the log of what deploys print."""
    user_data: pulumi.Output[str]
    """What a machine is given for its first boot."""
    tag: str | None
    """name=value by which the machines were found; None for one that is made here."""

    def __init__(
        self, name: str, args: HostArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name. Raises `ValueError` if no machine can be meant."""
        super().__init__("slipway:index:Host", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        sessions = self._create_sessions(args)
        kept: dict[str, Any] = {"days": args.log_days, "key": args.log_key, "opts": self._child}
        self.log_group = create_deploy_log(name, stack=args.stack, **kept).name
        own = pulumi.Output.all(args.stack, args.region, args.bucket, args.repository)
        self.user_data = own.apply(lambda known: install_script(*known, kubernetes=args.kubernetes))
        document = self._create_document(args, own)
        self.tag = None if args.create else (args.instances or {}).get("tag")
        if args.create:
            role = self._create_role(args)
            if sessions:
                sessions.allow_writing(role.role_name)
            instance = self._create_instance(args, role, self._create_security_group(args))
            self.instance_ids = instance.id.apply(lambda each: [str(each)])
            self.address = instance.private_ip
        else:
            found = look_up_instances(args.instances, pulumi.InvokeOutputOptions(parent=self))
            self.instance_ids = found.apply(lambda each: list(each.ids))
            self.address = found.apply(lambda each: str(next(iter(each.private_ips), "")))
        self.document_name, self.document_hash = document.name, document.hash
        told = ("instance_ids", "address", "document_name", "document_hash")
        self.register_outputs({name: getattr(self, name) for name in told})

    def _create_document(self, args: HostArgs, own: pulumi.Output[Any]) -> aws.ssm.Document:
        return aws.ssm.Document(
            f"{self._name}-document",
            name=f"slipway-deploy-{check('stack', args.stack)}",
            document_type="Command",
            document_format="JSON",
            target_type="/AWS::EC2::Instance",
            content=own.apply(lambda known: deploy_document(*known)),
            opts=self._child,
        )

    def _create_sessions(self, args: HostArgs) -> SessionLogging | None:
        return SessionLogging(self._name, args.sessions, self._child) if args.sessions else None

    def _create_role(self, args: HostArgs) -> HostRole:
        rights = HostRoleArgs(
            stack=args.stack,
            region=args.region,
            bucket=args.bucket,
            repository_arns=args.repository_arns,
            bundle_key=args.bundle_key,
            parameter_paths=args.parameter_paths,
            references=args.references,
        )
        return HostRole(self._name, rights, self._child)

    def _create_security_group(self, args: HostArgs) -> aws.ec2.SecurityGroup:
        network = None
        if args.subnet is not None:
            network = aws.ec2.get_subnet_output(
                id=args.subnet, opts=pulumi.InvokeOutputOptions(parent=self)
            ).apply(lambda each: str(each.vpc_id))
        return create_host_group(
            self._name, vpc=network, open_to=args.open_to, ports=args.ports, opts=self._child
        )

    def _create_instance(
        self,
        args: HostArgs,
        role: HostRole,
        group: aws.ec2.SecurityGroup,
    ) -> aws.ec2.Instance:
        image = aws.ssm.get_parameter_output(
            name=UBUNTU, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        return aws.ec2.Instance(
            f"{self._name}-instance",
            ami=image.apply(lambda each: str(each.value)),
            instance_type=args.instance_type,
            subnet_id=args.subnet,
            associate_public_ip_address=_public_address(args),
            vpc_security_group_ids=[group.id],
            iam_instance_profile=role.profile_name,
            user_data=self.user_data,
            disable_api_termination=args.protect,
            # One hop: containers must not get the machine's role.
            metadata_options=aws.ec2.InstanceMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            root_block_device=aws.ec2.InstanceRootBlockDeviceArgs(
                encrypted=True, volume_type="gp3", volume_size=args.volume_gib
            ),
            tags={"Name": f"slipway-{args.stack}-{self._name}"},
            # A newer Ubuntu would replace the machine, another install script would stop it; both
            # are for a day that somebody chooses.
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                depends_on=[role],
                ignore_changes=["ami", "user_data"],
            ),
        )


def _public_address(args: HostArgs) -> bool | None:
    return False if args.public_address is None and args.subnet else args.public_address
