"""What a protected stack never deletes by accident, over all resources of the shipped stacks."""

from __future__ import annotations

import pulumi_aws as aws
import pytest

from infra.protection import HOLDS_DATA, protect_data
from infra.settings import read_settings
from tests.engine import Recording, build
from tests.policy.stacks import STACKS, recorded

# What holds data, by a list that is not the program's own: a new type of resource has to be put
# into this one or the next.
DATA = {
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:ec2/instance:Instance",
    "aws:ecr/repository:Repository",
    "aws:s3/bucket:Bucket",
}


def program(*, protected: bool) -> Recording:
    texts = {
        "aws:region": "eu-west-1",
        "slipway:bundles": '{"bucket": "acme"}',
        "slipway:protected": str(protected).lower(),
        "slipway:release": '{"names": ["{version}"]}',
    }

    def registered() -> None:
        protect_data(read_settings("slipway", "dev", texts))
        aws.cloudwatch.LogGroup("logs", name="logs")
        aws.iam.Role("role", assume_role_policy="{}")

    return build(registered)


@pytest.mark.parametrize("protected", [True, False])
def test_protection_follows_the_setting(protected: bool) -> None:
    made = program(protected=protected)
    assert made.one("aws:cloudwatch/logGroup:LogGroup").protect is protected
    assert not made.one("aws:iam/role:Role").protect, "the next update makes it again"


@pytest.mark.parametrize("stack", STACKS)
def test_everything_that_holds_data_is_protected_where_the_stack_is(stack: str) -> None:
    data = [each for each in recorded(stack) if each.type in DATA]
    assert data
    open_ones = [each.name for each in data if not each.protect]
    assert open_ones == ([] if stack != "dev" else [each.name for each in data])


@pytest.mark.parametrize("stack", STACKS)
def test_no_type_of_resource_is_left_undecided(stack: str) -> None:
    made_again = {
        "aws:cloudwatch/eventRule:EventRule",
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ecs/cluster:Cluster",
        "aws:ecs/service:Service",
        "aws:ecs/taskDefinition:TaskDefinition",
        "aws:iam/instanceProfile:InstanceProfile",
        "aws:lambda/function:Function",
        "aws:lambda/functionUrl:FunctionUrl",
        "aws:lb/listener:Listener",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:lb/targetGroup:TargetGroup",
        "aws:ssm/document:Document",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    }
    kinds = {each.type for each in recorded(stack) if each.type.startswith("aws:")}
    rules = {each for each in kinds if _is_rule(each)}
    assert kinds - DATA - made_again - rules == set()
    assert DATA <= HOLDS_DATA


def _is_rule(kind: str) -> bool:
    """A policy, a role or a setting of something else: no data in itself."""
    words = ("Policy", "Role", "RoleBinding", "Block", "Versioning", "Configuration", "Permission",
             "Attachment", "Provider", "Ownership", "Logging", "Controls")  # fmt: skip
    return kind.endswith(words) or any(word in kind for word in ("Encryption", "Lifecycle"))
