"""`slipway:ci`: what the stack file takes, and what a whole stack with it registers."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from components.documents.ci_policies import ci_documents
from infra.ci import make_ci
from infra.ci_estate import estate_of
from infra.look import Look
from infra.settings import Settings, read_settings
from release.catalogue import ImageSource
from release.plan import Naming, Tree, plan_images
from tests.engine import failure_of
from tests.policy.resources import Resource
from tests.policy.stacks import recorded

ROLE = "aws:iam/role:Role"
CI = {"repository": "acme/shop", "environment": "production"}


def settings(ci: Any = CI, **own: Any) -> Settings:
    keys = {"account": "123456789012", "bundles": {"bucket": "acme-deploys"}, "ci": ci, **own}
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in keys.items()}
    config = {f"slipway:{k}": v for k, v in texts.items() if v != "null"}
    return read_settings("slipway", "prod", {"aws:region": "eu-west-1", **config})


def seen(*names: str) -> Look:
    folders = {name: f"services/{name}" for name in names}
    sources = {
        name: ImageSource(name=name, folder=at, context=at, dockerfile=f"{at}/Dockerfile")
        for name, at in folders.items()
    }
    ids = {path: "0" * 40 for at in folders.values() for path in (at, f"{at}/Dockerfile")}
    tree = Tree(tree="1" * 40, commit="2" * 40, ids=ids)
    naming = Naming(templates=("{sha}",), stack="prod", version=None)
    images = plan_images(sources, tree, naming, args={})
    return Look(tree=tree, images=images, shallow=False)


@pytest.mark.parametrize(
    ("ci", "said"),
    [
        ({"repository": "shop"}, "slipway:ci.repository: 'shop'\n    'shop' is not a repository"),
        ({"repository": "*/shop"}, "slipway:ci.repository"),
        ({**CI, "branch": "main"}, "say one of them"),
        ({**CI, "tag": "*-dev"}, "a token of a job with an environment names no tag"),
        ({**CI, "environment": "a b"}, "slipway:ci.environment"),
        ({"repository": "acme/shop", "branch": "*"}, "slipway:ci.branch"),
        ({"repository": "acme/shop", "tag": "*"}, "slipway:ci.tag"),
        ({**CI, "state_key": "arn:aws:kms:eu-west-1:123456789012:key/1"}, "say where the state is"),
        ({**CI, "session_minutes": 30}, "slipway:ci.session_minutes"),
        ({**CI, "provider": {"creat": True}}, "did you mean 'create'"),
    ],
)
def test_what_could_let_others_in_is_refused_by_its_key(ci: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match="is not right") as refusal:
        settings(ci)

    assert said in str(refusal.value)


def test_a_role_needs_an_account_to_be_narrowed_to() -> None:
    failure = failure_of(lambda: make_ci(settings(account=None), seen("api")))

    assert "slipway:ci needs slipway:account" in failure


def test_a_protected_stack_is_deployed_from_an_environment_alone() -> None:
    branch = settings({"repository": "acme/shop"}, protected=True)
    failure = failure_of(lambda: make_ci(branch, seen("api")))

    assert "slipway:ci.environment is missing" in failure
    assert "environment: production" in failure


@pytest.mark.parametrize(
    ("own", "rights", "sources"),
    [
        ({}, "build", []),
        ({"release": {"images": "rebuild", "names": ["{version}"]}}, "build", []),
        ({"release": {"images": "promote", "names": ["{version}"]}}, "within", []),
        (
            {
                "release": {
                    "images": "promote",
                    "names": ["{version}"],
                    "origin": {"repository": "dev/{image}", "account": "210987654321"},
                }
            },
            "across",
            ["arn:aws:ecr:eu-west-1:210987654321:repository/dev/api"],
        ),
    ],
)
def test_the_rights_follow_how_images_come_to_be(
    own: dict[str, Any], rights: str, sources: list[str]
) -> None:
    wanted = settings(**own)
    assert wanted.ci is not None
    estate = estate_of(wanted, wanted.ci, "123456789012", seen("api"))

    assert (estate.images, list(estate.sources)) == (rights, sources)


def test_a_target_that_is_not_there_has_no_rights() -> None:
    wanted = settings()
    assert wanted.ci is not None
    whole = "".join(ci_documents(estate_of(wanted, wanted.ci, "123456789012", seen("api"))))

    services = (
        "ec2:",
        "ssm:",
        "ecs:",
        "lambda:",
        "elasticloadbalancing:",
        "events:",
        "iam:PassRole",
    )
    assert [each for each in services if each in whole] == []
    assert "repository/api" in whole


@pytest.fixture(scope="module")
def stack() -> tuple[Resource, ...]:
    """A stack with a service of each kind, and a role."""
    return tuple(recorded("hardened"))


def own(stack: tuple[Resource, ...], type_: str) -> list[Resource]:
    return [each for each in stack if each.type == type_]


def test_every_role_but_the_workflows_own_is_within_the_boundary(
    stack: tuple[Resource, ...],
) -> None:
    bounded = {
        str(each.get("name")): str(each.get("permissionsBoundary")) for each in own(stack, ROLE)
    }

    assert len(bounded) > 5
    assert bounded.pop("slipway-prod-ci") == "None"
    assert {arn.rpartition("/")[2] for arn in bounded.values()} == {"slipway-prod-boundary"}


def test_machines_and_security_groups_carry_the_stacks_tag(stack: tuple[Resource, ...]) -> None:
    for type_ in ("aws:ec2/instance:Instance", "aws:ec2/securityGroup:SecurityGroup"):
        found = own(stack, type_)
        assert found
        assert all(each.get("tags")["slipway:stack"] == "prod" for each in found)


NAMED = {
    ROLE: ("name", "arn:aws:iam::123456789012:role/{}"),
    "aws:iam/instanceProfile:InstanceProfile": (
        "name",
        "arn:aws:iam::123456789012:instance-profile/{}",
    ),
    "aws:ecr/repository:Repository": ("name", "arn:aws:ecr:eu-west-1:123456789012:repository/{}"),
    "aws:s3/bucket:Bucket": ("bucket", "arn:aws:s3:::{}"),
    "aws:ssm/document:Document": ("name", "arn:aws:ssm:eu-west-1:123456789012:document/{}"),
    "aws:cloudwatch/logGroup:LogGroup": (
        "name",
        "arn:aws:logs:eu-west-1:123456789012:log-group:{}",
    ),
    "aws:ecs/cluster:Cluster": ("name", "arn:aws:ecs:eu-west-1:123456789012:cluster/{}"),
    "aws:ecs/taskDefinition:TaskDefinition": (
        "family",
        "arn:aws:ecs:eu-west-1:123456789012:task-definition/{}:1",
    ),
    "aws:ecs/service:Service": (
        "name",
        "arn:aws:ecs:eu-west-1:123456789012:service/slipway-prod/{}",
    ),
    "aws:lambda/function:Function": ("name", "arn:aws:lambda:eu-west-1:123456789012:function:{}"),
    "aws:cloudwatch/eventRule:EventRule": ("name", "arn:aws:events:eu-west-1:123456789012:rule/{}"),
    "aws:lb/loadBalancer:LoadBalancer": (
        "name",
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/{}/0a1b",
    ),
    "aws:lb/targetGroup:TargetGroup": (
        "name",
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{}/0a1b",
    ),
}


@pytest.mark.parametrize("type_", NAMED)
def test_everything_that_is_made_has_the_name_that_the_role_may_touch(
    stack: tuple[Resource, ...], type_: str
) -> None:
    key, form = NAMED[type_]
    texts = [str(each.get("policy")) for each in own(stack, "aws:iam/policy:Policy")]
    allowed = {
        resource
        for text in texts
        for statement in json.loads(text)["Statement"]
        for resource in statement["Resource"]
    } - {"*"}
    made = [form.format(each.get(key)) for each in own(stack, type_)]

    assert made
    for arn in made:
        assert any(fnmatchcase(arn, pattern) for pattern in allowed), f"{arn} can't be touched"


def test_a_hosts_microk8s_needs_the_rights_of_a_host() -> None:
    shop = {"target": "microk8s", "secrets": {"DB": "parameter:/shop/db"}}
    wanted = settings(host={"create": True}, services={"shop": shop})
    assert wanted.ci is not None
    estate = estate_of(wanted, wanted.ci, "123456789012", seen("shop"))

    assert estate.host is not None
    assert estate.parameters == ["/shop/db"]
    api = {"kubernetes": {"delivery": "api", "kubeconfig": "config"}}
    wanted = settings(services={"shop": shop}, **api)
    assert wanted.ci is not None
    estate = estate_of(wanted, wanted.ci, "123456789012", seen("shop"))
    assert (estate.host, estate.parameters) == (None, [])
