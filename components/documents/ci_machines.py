"""What a workflow may do with machines: deploy through one document, and keep its own machine."""

from __future__ import annotations

from typing import Any

from components.documents import stack_names
from components.documents.ci_actions import PROFILES, of
from components.documents.ci_estate import CiEstate, CiHost
from components.documents.ci_workload_actions import DOCUMENTS, GROUPS, LOGS, MACHINES, ROLLOUTS
from components.documents.grants import Grants
from components.documents.session_document import LOG_GROUP, PREFERENCES

CANONICAL = "099720109477"
"""The account of Ubuntu's images:
https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/"""
UBUNTU = "aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
"""The parameter that names the newest one."""

Condition = dict[str, dict[str, Any]]


def give_machines(grants: Grants, estate: CiEstate) -> None:
    """Adds the deploy document, commands on the stack's machines alone, and the machine itself."""
    host = estate.host
    if host is None:
        return
    deploy = estate.arn("ssm", f"document/{stack_names.host_document(estate.stack)}")
    instances = estate.arn("ec2", "instance/*")
    own = {"StringEquals": {f"ssm:resourceTag/{host.tag[0]}": host.tag[1]}}
    grants.give("KeepDocument", [a for each in DOCUMENTS.values() for a in each], deploy)
    # Two statements: the document carries no such tag.
    grants.give("SendOurDocument", of("ssm", "SendCommand"), deploy)
    grants.give("SendToOurMachines", of("ssm", "SendCommand"), instances, own)
    log = estate.arn("logs", f"log-group:{stack_names.host_log_group(estate.stack)}")
    kept = [action for each in LOGS.values() for action in each]
    # What a machine printed beyond what Systems Manager keeps is told in the verdict.
    grants.give("KeepDeployLog", (*kept, *of("logs", "GetLogEvents")), [log, f"{log}:*"])
    asked = set(ROLLOUTS["rollout:index:HostRollout"]) - {"ssm:SendCommand"}
    if host.parameter_paths:
        # Names and versions, never a value; AWS knows no narrower resource for it.
        asked |= set(of("ssm", "DescribeParameters"))
    grants.give("Ask", asked | {"ec2:DescribeInstances"}, "*")
    if host.create:
        _give_machine(grants, estate, host)
    if host.sessions:
        _give_sessions(grants, estate)


def give_groups(grants: Grants, estate: CiEstate) -> None:
    """Adds security groups that carry the stack's tag, which they get when they are made."""
    if not (estate.ecs or (estate.host and estate.host.create)):
        return
    groups = estate.arn("ec2", "security-group/*")
    every = set(GROUPS["aws:ec2/securityGroup:SecurityGroup"])
    grants.give("MakeGroups", of("ec2", "CreateSecurityGroup"), groups, _asked(estate))
    vpc = estate.arn("ec2", "vpc/*")
    grants.give("MakeGroupsInNetworks", of("ec2", "CreateSecurityGroup"), vpc)
    grants.give("KeepGroups", every - {"ec2:CreateSecurityGroup"}, groups, _tagged(estate))
    grants.give(
        "TagNewGroups", of("ec2", "CreateTags"), groups, _new(estate, "CreateSecurityGroup")
    )
    grants.give("Look", of("ec2", "DescribeSubnets DescribeVpcs DescribeRouteTables"), "*")
    grants.give("LookAtNetwork", of("ec2", "DescribeVpcAttribute"), vpc)


def _give_machine(grants: Grants, estate: CiEstate, host: CiHost) -> None:
    run = of("ec2", "RunInstances")
    instances, volumes = estate.arn("ec2", "instance/*"), estate.arn("ec2", "volume/*")
    image = f"arn:aws:ec2:{estate.region}::image/*"
    new = _asked(estate)
    new["StringEquals"]["ec2:MetadataHttpTokens"] = "required"
    grants.give("RunMachine", run, instances, new)
    grants.give("RunUbuntu", run, image, {"StringEquals": {"ec2:Owner": CANONICAL}})
    grants.give("RunWithEncryptedVolume", run, volumes, {"Bool": {"ec2:Encrypted": "true"}})
    subnet = estate.arn("ec2", f"subnet/{host.subnet or '*'}")
    grants.give("RunInNetwork", run, [subnet, estate.arn("ec2", "network-interface/*")])
    groups = estate.arn("ec2", "security-group/*")
    grants.give("RunInOurGroups", run, groups, _tagged(estate))
    grants.give("TagNewMachine", of("ec2", "CreateTags"), instances, _new(estate, "RunInstances"))
    kept = set(MACHINES["aws:ec2/instance:Instance"]) - {"ec2:RunInstances"}
    grants.give("KeepMachine", kept, instances, _tagged(estate))
    grants.give(
        "ChangeGroupsOfMachine", of("ec2", "ModifyInstanceAttribute"), groups, _tagged(estate)
    )
    profile = estate.iam(f"instance-profile/{stack_names.host_role(estate.stack)}")
    grants.give("KeepProfile", [a for each in PROFILES.values() for a in each], profile)
    ubuntu = f"arn:aws:ssm:{estate.region}::parameter/{UBUNTU}"
    grants.give("FindUbuntu", of("ssm", "GetParameter"), ubuntu)


def _give_sessions(grants: Grants, estate: CiEstate) -> None:
    """The preferences and the log, of which neither is deleted: they are the account's."""
    preferences = estate.arn("ssm", f"document/{PREFERENCES}")
    kept = {action for each in DOCUMENTS.values() for action in each} - {"ssm:DeleteDocument"}
    grants.give("KeepSessionPreferences", kept, preferences)
    log = estate.arn("logs", f"log-group:{LOG_GROUP}")
    actions = {action for each in LOGS.values() for action in each}
    grants.give("KeepSessionLog", actions - {"logs:DeleteLogGroup"}, [log, f"{log}:*"])


def _tagged(estate: CiEstate) -> Condition:
    return {"StringEquals": {f"aws:ResourceTag/{stack_names.STACK_TAG}": estate.stack}}


def _asked(estate: CiEstate) -> Condition:
    return {"StringEquals": {f"aws:RequestTag/{stack_names.STACK_TAG}": estate.stack}}


def _new(estate: CiEstate, action: str) -> Condition:
    asked = _asked(estate)
    asked["StringEquals"]["ec2:CreateAction"] = action
    return asked
