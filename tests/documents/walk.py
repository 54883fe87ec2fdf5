"""The documents' commands in an order in which a person could type them, and what each must say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class At(Enum):
    """Where it is typed."""

    DESK = "slipway's folder"
    LAPTOP = "a machine with the AWS CLI and a developer's keys"
    TERMINAL = "a terminal, with `y` typed"
    MACHINE = "the machine of dev, as in a Session Manager session"
    CHANGE = "nowhere: a colleague commits"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command."""

    typed: str
    """As the documents have it."""
    says: str
    """A pattern in what it prints."""
    filled: str = ""
    """The same with its placeholders filled in."""
    at: At = At.DESK
    code: int = 0
    """Its exit code: `systemctl status` of a job that has ended is 3."""


def desk(typed: str, says: str, filled: str = "") -> Step:
    return Step(typed=typed, says=says, filled=filled)


def machine(typed: str, says: str, code: int = 0, filled: str = "") -> Step:
    return Step(typed=typed, says=says, at=At.MACHINE, code=code, filled=filled)


def laptop(typed: str, says: str, filled: str = "") -> Step:
    return Step(typed=typed, says=says, filled=filled, at=At.LAPTOP)


CHANGE = Step(typed="", says="", at=At.CHANGE)
UP = r"Resources:"

STEPS: tuple[Step, ...] = (
    # start-on-aws.md, README.md
    desk("pulumi preview --stack dev", r"book-shop"),
    desk("pulumi up --stack dev", UP),
    desk("slipway status dev", r"book-shop .*healthy"),
    desk("pulumi up --stack prod -c version=v1.0.0", UP),
    desk("slipway status prod", r"v1\.0\.0|healthy"),
    CHANGE,
    desk("pulumi up --stack dev", UP),
    desk("pulumi up --stack prod -c version=v1.1.0", UP),
    CHANGE,
    desk("pulumi up --stack dev", UP),
    desk("pulumi preview --stack prod", UP),
    desk("pulumi preview --stack prod -c version=v1.2.0", r"v1\.2\.0"),
    desk("pulumi up --stack prod -c version=v1.2.0", UP),
    desk("slipway check v1.1.0 --stack prod", r"v1\.1\.0"),
    desk("slipway scan v1.2.0", r"book-shop", "slipway scan v1.2.0 --stack prod"),
    desk("slipway release-notes v1.2.0", r"book-shop"),
    desk("slipway release-notes v1.2.0 --json", r'"book-shop"'),
    desk("slipway comment -s dev -s prod", r"images? to build"),
    desk("slipway history prod", r"v1\.2\.0"),
    desk("slipway history <stack> --json", r'"v1\.1\.0"', "slipway history prod --json"),
    Step(typed="slipway rollback prod", says=r"v1\.1\.0", at=At.TERMINAL),
    desk("slipway resume prod", r"prod"),
    desk("pulumi up --stack prod -c version=v1.1.0", UP),
    desk("pulumi up --stack prod -c version=v1.7.0", UP),
    desk("pulumi up --stack prod", UP),
    desk("slipway unlock prod", r"prod"),
    desk("slipway loses <stack>", r"book-shop", "slipway loses dev"),
    desk("slipway report", r"html"),
    desk("slipway report --stack dev --out dev.html", r"dev\.html"),
    desk("slipway why", r"book-shop"),
    desk("slipway images", r"atta"),
    desk("slipway --help", r"rollback"),
    desk("slipway COMMAND --help", r"--since", "slipway logs --help"),
    # README.md and hosts.md, on the host
    machine("systemctl status atta.service", r"atta", 3),
    machine('journalctl -u atta.service --since "10 minutes ago"', r"atta"),
    machine("docker logs atta", r"."),
    machine("systemctl start atta.service", r""),
    machine("systemctl status book-shop.service", r"active \(running\)"),
    machine("journalctl -u book-shop.service", r"book-shop"),
    machine("docker logs book-shop", r"."),
    machine("systemctl restart book-shop.service", r""),
    machine("systemctl status slipway-converge", r"slipway-converge", 3),
    machine("journalctl -u slipway-converge", r""),
    # secrets.md, account.md
    laptop(
        'aws ssm put-parameter --name /backend/db --type SecureString --value "$(cat db-password)"',
        r'"Version": 1',
        "cd /tmp && echo s3cret > db-password && aws ssm put-parameter --name /backend/db"
        ' --type SecureString --value "$(cat db-password)"',
    ),
    laptop("aws ecr describe-repositories", r'"book-shop"'),
    laptop("aws ecr-public describe-registries --region us-east-1", r'"aliases"'),
    laptop(
        "aws s3api create-bucket --bucket acme-state --region eu-west-1"
        " --create-bucket-configuration LocationConstraint=eu-west-1",
        r"acme-state",
    ),
    laptop(
        "aws s3api put-bucket-versioning --bucket acme-state"
        " --versioning-configuration Status=Enabled",
        r"",
    ),
    desk(
        "pulumi login s3://acme-state",
        r"LAST UPDATE",
        # A login is kept for all projects of a person: the variable does the same for one command.
        "AWS_ACCESS_KEY_ID=123456789012 AWS_SECRET_ACCESS_KEY=local AWS_REGION=eu-west-1"
        ' PULUMI_BACKEND_URL="s3://acme-state?endpoint=http://127.0.0.1:$SLIPWAY_CLOUD_PORT'
        '&s3ForcePathStyle=true&region=eu-west-1" pulumi stack ls',
    ),
    desk(
        "pulumi state unprotect <urn>",
        r"[Uu]nprotected",
        "pulumi state unprotect --stack prod --yes"
        ' "$(pulumi stack --stack prod --show-urns | grep --only-matching'
        ' "urn:.*Stack::slipway-prod" | head -n 1)"',
    ),
    desk("pulumi up -c all=true", UP),
    desk("pulumi preview", UP),
    desk("pulumi preview --diff", UP),
    desk("pulumi up", UP),
    desk("pulumi up --refresh", UP),
    desk("pulumi refresh", UP),
    desk("pulumi stack output", r"services"),
    machine("systemctl disable --now <service>", r"", filled="systemctl disable --now book-shop"),
    desk("pulumi destroy", UP),
    # README.md, by hand after `make demo`
    desk("pulumi preview --stack local", UP),
    desk("pulumi up --stack local", UP),
    desk("pulumi stack output --stack local", r"book-shop"),
    desk("pulumi refresh --stack local", UP),
    desk("pulumi destroy --stack local", UP),
)
