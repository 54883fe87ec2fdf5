"""What roles may do is what they do: every AWS call of a whole life of an estate, taken down by the
local cloud, against the policies that IAM holds in the end.

The local cloud refuses whatever a role's policies don't allow, so the estate lives by them alone.
"""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from localcloud.iam.request import matches
from tests.estate import Estate
from tests.iam import proof
from tests.iam.proof import Call, Role

DEV, PROD = "rights", "rights-prod"
RUNTIME = ("ec2", "ecs-tasks", "lambda", "events")
BY_HAND = "a person's session in Session Manager opens it, and no deploy does"
REASONS = {
    "ssmmessages:CreateDataChannel": BY_HAND,
    "ssmmessages:OpenDataChannel": BY_HAND,
}
"""Why an action is allowed that nothing here uses."""
ONLY_HERE = {
    (
        "ecr-public:DescribeRegistries",
        "*",
    ): "where an endpoint is set, as here alone, ECR Public is asked where it is",
    (
        "ecr:BatchGetImage",
        "*:repository/base/debian",
    ): "the base image is in the local cloud's own registry; on AWS it is Docker Hub's",
}
"""What a deploy asks of the local cloud and not of AWS, by action and resource, and why."""
SERVICES = {
    "book-shop": {
        "target": "host",
        "port": 8000,
        "publish": 8080,
        "health": "/healthz",
        "timeout": 120,
    },
    "backend": {
        "target": "ecs",
        "port": 3000,
        "health": "/healthz",
        "timeout": 120,
        "grace": 0,
        "read_only": False,
        "before": ["python3", "/app/migrate.py"],
        "secrets": {"DB_PASSWORD": "parameter:/backend/db", "API_KEY": "secret:backend/key"},
    },
    "nightly": {"target": "ecs", "image": "backend", "schedule": "rate(1 day)", "read_only": False},
    "notifier": {
        "target": "lambda",
        "secrets": {"TOKEN": "parameter:/notifier/token"},
        "smoke": {"notify": "a deploy"},
        "url": True,
    },
}


def stacks(estate: Estate, top: Path) -> None:
    """A stack that builds, and one that promotes from it into the same repositories."""
    registry = {"kind": "ecr", "repository": "rights/{image}"}
    estate.write_stack(
        top,
        DEV,
        registry={**registry, "create": True},
        bundles={"bucket": "slipway-rights-deploys", "create": True},
        host={"create": True},
        services=SERVICES,
        ci={"repository": "acme/shop"},
    )
    estate.write_stack(
        top,
        PROD,
        protected=True,
        release={"images": "promote", "names": ["{version}"], "origin": {"stack": DEV}},
        registry={**registry, "create": False},
        bundles={"bucket": "slipway-rights-prod-deploys", "create": True},
        host=None,
        services={"notifier": SERVICES["notifier"]},
        ci={
            "repository": "acme/shop",
            "environment": "production",
            "provider": {"create": False},
        },
    )


def change(estate: Estate, top: Path, path: str, old: str, new: str) -> None:
    """Commits a change of one file."""
    file = top / "services" / path
    assert old in file.read_text(), f"{path} holds no {old!r}"
    file.write_text(file.read_text().replace(old, new))
    estate.git("commit", "--quiet", "--all", "--message", new, top=top)


def post(estate: Estate, path: str) -> Any:
    """Asks the local cloud for something that AWS has no call for."""
    url = f"http://127.0.0.1:{estate.cloud_port}/_localcloud/{path}"
    with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=60) as answer:
        return json.load(answer)


@dataclass
class Life:
    """What an estate went through."""

    estate: Estate
    slipway: Path
    deploys: dict[str, list[Call]] = field(default_factory=lambda: {DEV: [], PROD: []})
    """What the workflows of each stack asked for."""

    def up(self, stack: str, *words: str, good: bool = True) -> None:
        """A deploy by the stack's workflow; `good` says how it has to end."""
        before = len(recorded(self.estate))
        ran = self.estate.up(*words, stack=stack, cwd=self.slipway)
        asked = recorded(self.estate)[before:]
        refused = [f"{c['role']}: {c['reason']} on {c['resource']}" for c in asked if c["reason"]]
        assert (ran.code == 0) is good, "\n".join([ran.text, *refused])
        self.deploys[stack] += [call for call in asked if call["kind"] == "account"]


@pytest.fixture(scope="module")
def life(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """An estate that was made by an administrator, then changed, put back and promoted."""
    top = estate.checkout(
        tmp_path_factory.mktemp("rights") / "monorepo", ("book-shop", "backend", "notifier")
    )
    stacks(estate, top)
    life = Life(estate, top / "deploy")
    ssm = estate.client("ssm")
    for name in ("/backend/db", "/notifier/token"):
        ssm.put_parameter(Name=name, Value="hunter2", Type="SecureString")
    estate.client("secretsmanager").create_secret(Name="backend/key", SecretString="hunter3")
    post(estate, "calls/reset")
    life.up(DEV)
    life.up(PROD, "-c", "version=v1.0.0")
    life.deploys = {DEV: [], PROD: []}
    change(estate, top, "book-shop/app.py", "import json", "import json  # two")
    change(estate, top, "backend/app.py", "HEALTHY = True", "HEALTHY = bool(1)")
    change(estate, top, "notifier/app.py", "HEALTHY = True", "HEALTHY = bool(1)")
    life.up(DEV)
    life.up(PROD, "-c", "version=v1.1.0")
    change(estate, top, "book-shop/app.py", "import json  # two", "raise SystemExit(3)")
    change(estate, top, "backend/app.py", "HEALTHY = bool(1)", "HEALTHY = False")
    change(estate, top, "notifier/app.py", "HEALTHY = bool(1)", "HEALTHY = False")
    life.up(DEV, good=False)
    life.up(PROD, "-c", "version=v1.0.0")
    answers = post(estate, f"rules/{DEV}-nightly/fire")["answers"]
    assert not answers[0]["failures"], answers
    return life


@pytest.fixture(scope="module")
def calls(life: Life) -> list[Call]:
    """Everything that was asked of AWS in that time."""
    return recorded(life.estate)


def recorded(estate: Estate) -> list[Call]:
    """The calls so far."""
    url = f"http://127.0.0.1:{estate.cloud_port}/_localcloud/calls"
    with urllib.request.urlopen(url, timeout=60) as answer:
        found: list[Call] = json.load(answer)
    return found


@pytest.fixture(scope="module")
def roles(estate: Estate, calls: list[Call]) -> list[Role]:
    """The roles that AWS services take for us, as IAM has them now."""
    return [each for each in proof.roles_of(estate.client("iam")) if each.service in RUNTIME]


def only_here(action: str, resource: str) -> bool:
    """Whether a call is one that AWS never sees."""
    return any(action == one and matches(other, resource) for one, other in ONLY_HERE)


def of(role: Role, calls: list[Call]) -> list[Call]:
    return [call for call in calls if call["role"] == role.arn]


def test_every_kind_of_role_is_there_and_was_at_work(roles: list[Role], calls: list[Call]) -> None:
    print(f"\n{proof.HEADER}")
    for role in roles:
        print(proof.row(role, of(role, calls), REASONS))
    assert {role.service for role in roles} == set(RUNTIME)
    kinds = {call["kind"] for call in calls if call["role"]}
    assert {"host", "execution", "function", "schedule"} <= kinds
    idle = [role.name for role in roles if role.documents and not of(role, calls)]
    assert not idle, "these roles have rights and never called"


def test_no_role_was_refused_anything(roles: list[Role], calls: list[Call]) -> None:
    refused = [(c["role"], c["action"], c["resource"]) for c in calls if not c["allowed"]]
    assert not refused
    for role in roles:
        assert proof.refusals(role, of(role, calls)) == {}, role.name


def test_no_role_may_do_what_it_never_does(roles: list[Role], calls: list[Call]) -> None:
    for role in roles:
        unused = proof.never_used(role, of(role, calls))
        assert proof.unexplained(unused, REASONS) == [], role.name


@pytest.mark.parametrize("stack", [DEV, PROD])
def test_a_workflow_may_do_all_that_its_deploys_ask_for(life: Life, stack: str) -> None:
    found = proof.roles_of(life.estate.client("iam"))
    (role,) = [each for each in found if each.name == f"slipway-{stack}-ci"]
    print(f"\n{proof.HEADER}\n{proof.row(role, life.deploys[stack], {})}")
    refused = proof.refusals(role, life.deploys[stack])
    missing = [each for each in refused if not only_here(*each)]
    assert missing == []


def test_every_reason_is_still_needed(roles: list[Role], calls: list[Call]) -> None:
    unused = {action for role in roles for action, _ in proof.never_used(role, of(role, calls))}
    assert unused == set(REASONS)


def test_without_any_one_of_its_actions_a_role_could_not_do_what_it_did(
    roles: list[Role], calls: list[Call]
) -> None:
    for role in roles:
        for action in sorted(proof.actions_of(role) - set(REASONS)):
            refused = proof.refusals(proof.without(role, action), of(role, calls))
            assert {each[0] for each in refused} == {action}, role.name


def test_one_more_action_that_nobody_uses_is_noticed(roles: list[Role], calls: list[Call]) -> None:
    more = {"Effect": "Allow", "Action": "s3:DeleteBucket", "Resource": "*"}
    for role in roles:
        wider = replace(role, documents=(*role.documents, {"Statement": [more]}))
        unused = proof.never_used(wider, of(role, calls))
        assert proof.unexplained(unused, REASONS) == [("s3:DeleteBucket", "*")]
