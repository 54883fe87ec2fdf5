"""Every check of the table, on every stack; and each of them seen to fail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.policy.check import HELD, NOTHING, OPEN, Check
from tests.policy.resources import Resources, with_one
from tests.policy.stacks import STACKS, recorded
from tests.policy.table import CHECKS, REASONS, page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security-checks.md"
DEMANDED = """
ECR.1 ECR.2 ECR.3 S3.5 CKV_AWS_51 CKV_AWS_163 CKV_AWS_136 CKV_AWS_53 CKV_AWS_54 CKV_AWS_55
CKV_AWS_56 CKV2_AWS_6 CKV_AWS_21 CKV_AWS_145 CKV_AWS_18 CKV2_AWS_61 CKV_AWS_79 CKV_AWS_341
CKV_AWS_8 CKV_AWS_88 CKV2_AWS_41 CKV_AWS_24 CKV_AWS_356 CKV_AWS_107 CKV_AWS_108 CKV_AWS_109
CKV_AWS_110 CKV_AWS_111 CKV_AWS_288 CKV_AWS_289 CKV_AWS_290 CKV2_AWS_40 PassRole SendCommand
CKV_AWS_358 aud sub CKV2_AWS_34 CKV_AWS_337 CKV_AWS_173 CKV_AWS_272 CKV_AWS_115 CKV_AWS_116
CKV_AWS_50 CKV_AWS_364 CKV_AWS_336 CKV_AWS_333 CKV_AWS_65 CKV_AWS_66 CKV_AWS_158 CKV_AWS_112
CKV_AWS_113
"""


def named(check: Check) -> str:
    return re.sub(r"[^A-Za-z0-9_.]+", "-", check.ids)


def words(ids: str) -> set[str]:
    return set(ids.replace(",", " ").split())


@pytest.mark.parametrize("check", CHECKS, ids=named)
@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_meets_every_check_or_says_why_not(stack: str, check: Check) -> None:
    outcome = check.outcome(recorded(stack))
    if outcome == OPEN:
        broken = [f"{one.type} {one.name}" for one in check.open_in(recorded(stack))]
        assert check.accepted, f"{check.ids}: {check.title}: not so in {', '.join(broken)}"


@pytest.mark.parametrize("check", CHECKS, ids=named)
def test_every_check_is_met_once_all_options_are_on(check: Check) -> None:
    without_callers = check.outcome(recorded("hardened")) == NOTHING
    assert without_callers or check.outcome(recorded("hardened")) == HELD
    assert check.outcome(recorded("full")) != NOTHING, "nothing of the kind was ever looked at"


@pytest.mark.parametrize("check", CHECKS, ids=named)
def test_every_check_fails_on_a_loosened_property(check: Check) -> None:
    hardened = recorded("hardened")

    assert check.outcome(hardened) != OPEN
    assert check.outcome(check.loosened(hardened)) == OPEN


@pytest.mark.parametrize("check", [one for one in CHECKS if one.accepted], ids=named)
def test_what_is_accepted_is_open_somewhere(check: Check) -> None:
    found = {check.outcome(recorded(stack)) for stack in STACKS}

    assert OPEN in found, f"{check.ids} is met everywhere: its reason is out of date"


def test_no_id_of_the_list_is_left_out() -> None:
    ids = [check.ids for check in CHECKS] + [reason.ids for reason in REASONS]
    listed = set().union(*map(words, ids))

    assert set(DEMANDED.split()) - listed == set()


def test_a_resource_of_an_unknown_kind_is_noticed() -> None:
    stray = with_one("aws:rds/instance:Instance")(recorded("hardened"))

    assert kinds(recorded("hardened")) - SEEN == set()
    assert kinds(stray) - SEEN == {"aws:rds/instance:Instance"}


def test_the_page_is_what_the_checks_say() -> None:
    made = page({stack: recorded(stack) for stack in STACKS})

    assert PAGE.read_text() == made, "run `make docs`"


def kinds(resources: Resources) -> set[str]:
    return {one.type for one in resources if one.type.startswith("aws:")}


# What the checks look at, or what has nothing that could be loosened.
SEEN = {
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:ec2/instance:Instance",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "aws:ecr/repository:Repository",
    "aws:ecs/cluster:Cluster",
    "aws:ecs/service:Service",
    "aws:ecs/taskDefinition:TaskDefinition",
    "aws:iam/instanceProfile:InstanceProfile",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    "aws:iam/policy:Policy",
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:lambda/function:Function",
    "aws:lambda/functionUrl:FunctionUrl",
    "aws:lb/listener:Listener",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:lb/targetGroup:TargetGroup",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLogging:BucketLogging",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:ssm/document:Document",
}
