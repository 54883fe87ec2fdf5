"""Account and region are checked before anything is done, wherever a command is typed, and whoever
says how to log in: the stack file, the environment or `.env`."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.config import Config

from tests.estate import Estate, Ran
from tests.ports import free_port
from tests.systems.system import images_of

STACK = "guarded"
OURS, THEIRS = "123456789012", "210987654321"
SCREEN = 40
WRITES = ("builds", "registry_writes", "ssm_commands", "s3_writes", "api_writes")
SERVICES: dict[str, Any] = {
    "backend": {"target": "ecs", "image": "web", "port": 3000},
    "notifier": {"target": "lambda", "image": "web"},
}


@dataclass
class Desk:
    """Where somebody works: a monorepo, its `.env`, and the profiles of their AWS configuration."""

    estate: Estate
    top: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def slipway(self) -> Path:
        """Slipway's folder."""
        return self.top / "deploy"

    def stack(self, remove: tuple[str, ...] = (), **changed: Any) -> None:
        """A stack with services on ECS and Lambda that has no keys of its own."""
        settled = {"host": None, "services": SERVICES, **changed}
        aws = {key: settled.pop(key) for key in list(settled) if key.startswith("aws_")}
        file = self.estate.write_stack(self.top, STACK, **settled)
        document = yaml.safe_load(file.read_text())
        for key in ("aws:accessKey", "aws:secretKey", *remove):
            document["config"].pop(key, None)
        document["config"] |= {key.replace("_", ":", 1): value for key, value in aws.items()}
        file.write_text(yaml.safe_dump(document))

    def env_file(self, folder: Path | None = None, **lines: str) -> Path:
        """Writes a `.env`, with somebody else's secret in it."""
        file = (folder or self.top) / ".env"
        said = {"STRIPE_KEY": "sk-canary-000", **lines}
        file.write_text("".join(f"{key}={value}\n" for key, value in said.items()))
        return file

    def pulumi(self, *words: str, cwd: Path | None = None, **environment: str) -> Ran:
        """Runs pulumi with this desk's environment."""
        run, known = self.estate.pulumi, {**self.environment, **environment}
        run("stack", "select", "--create", STACK, cwd=self.slipway).ok()
        return run(*words, "--stack", STACK, cwd=cwd or self.slipway, **known)

    def up(self, cwd: Path | None = None, **environment: str) -> Ran:
        """`pulumi up`."""
        return self.pulumi("up", "--yes", "--skip-preview", cwd=cwd, **environment)

    def command(self, *words: str, cwd: Path | None = None, **environment: str) -> Ran:
        """`slipway …`, as it lies in bin/."""
        program = str(self.slipway / "bin" / "slipway")
        run, known = self.estate.run, {**self.environment, **environment}
        return run(program, *words, cwd=cwd or self.slipway, **known)

    def refused(self, *said: str, **environment: Any) -> str:
        """What `pulumi up` and then a command of slipway say: each of these texts, and nothing is
        done."""
        before = self.estate.counters()
        texts = [
            self.up(**environment).refused(),
            self.command("history", STACK, **environment).refused(),
        ]
        after = self.estate.counters()
        assert {name: after[name] - before[name] for name in WRITES} == dict.fromkeys(WRITES, 0)
        for text in texts:
            assert [each for each in said if each not in text] == [], text
            assert len(text.splitlines()) <= SCREEN, text
            assert "canary" not in text
        return texts[0]


@pytest.fixture
def desk(estate: Estate, tmp_path: Path) -> Iterator[Desk]:
    """A checkout of its own with one tiny image, and profiles of two accounts and of nobody."""
    top = estate.checkout(tmp_path / "monorepo", ())
    for path, text in images_of("services", web="one").items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
    estate.git("add", "--all", top=top)
    estate.git("commit", "--quiet", "--message", "web", top=top)
    profiles = {"acme-dev": (OURS,), "acme-prod": (THEIRS,), "old": expired(estate)}
    file = tmp_path / "credentials"
    file.write_text("\n".join(profile(name, *keys) for name, keys in profiles.items()))
    environment = {
        "AWS_SHARED_CREDENTIALS_FILE": str(file),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    made = Desk(estate, top, environment)
    made.stack()
    yield made
    estate.run("pulumi", "stack", "rm", STACK, "--yes", "--force", cwd=made.slipway)


def profile(name: str, key: str, *rest: str) -> str:
    keys = ("aws_secret_access_key", "aws_session_token")
    lines = [f"{each} = {value}" for each, value in zip(keys, rest or ("local",), strict=False)]
    return "\n".join([f"[{name}]", f"aws_access_key_id = {key}", *lines, ""])


def expired(estate: Estate) -> tuple[str, str, str]:
    """Credentials of a role session that is over."""
    sts = boto3.client(
        "sts",
        endpoint_url=f"http://127.0.0.1:{estate.cloud_port}",
        region_name="eu-west-1",
        aws_access_key_id=OURS,
        aws_secret_access_key="local",
        config=Config(parameter_validation=False),
    )
    made = sts.assume_role(
        RoleArn=f"arn:aws:iam::{OURS}:role/deploy", RoleSessionName="old", DurationSeconds=1
    )["Credentials"]
    time.sleep(1)
    return made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]


def test_a_wrong_account_is_refused_with_both_accounts_and_the_profile(desk: Desk) -> None:
    desk.refused(OURS, THEIRS, "'acme-prod'", "AWS_PROFILE of the environment",
                 AWS_PROFILE="acme-prod")  # fmt: skip


def test_a_wrong_account_by_the_env_file_is_refused_with_the_file(desk: Desk) -> None:
    file = desk.env_file(AWS_PROFILE="acme-prod")
    desk.refused(OURS, THEIRS, f"'acme-prod' (AWS_PROFILE in {file})")


def test_expired_credentials_say_so(desk: Desk) -> None:
    desk.refused("the AWS credentials have expired; log in again", AWS_PROFILE="old")


def test_missing_credentials_say_so(desk: Desk) -> None:
    desk.refused("no AWS credentials were found", "aws sso login")


def test_an_unknown_profile_is_named(desk: Desk) -> None:
    desk.env_file(AWS_PROFILE="acme-test")
    desk.refused("acme-test", "could not be found", "aws configure list-profiles")


def test_an_endpoint_that_does_not_answer_is_named(desk: Desk) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    services = ("ec2", "ecr", "ecs", "iam", "lambda", "logs", "s3", "ssm", "sts")
    desk.stack(aws_endpoints=[dict.fromkeys(services, nobody)])
    desk.refused(nobody, "does not answer", AWS_PROFILE="acme-dev")


@pytest.mark.parametrize(
    ("key", "value", "stack_says"),
    [
        ("AWS_ACCOUNT_ID", THEIRS, f"slipway:account in Pulumi.{STACK}.yaml is '{OURS}'"),
        ("AWS_REGION", "us-east-1", f"aws:region in Pulumi.{STACK}.yaml is 'eu-west-1'"),
    ],
)
def test_a_contradiction_is_refused_with_both_places(
    desk: Desk, key: str, value: str, stack_says: str
) -> None:
    wrong: dict[str, Any] = {key: value}
    desk.refused(stack_says, f"{key} of the environment is '{value}'", **wrong)
    file = desk.env_file(**wrong)
    desk.refused(stack_says, f"{key} in {file} is '{value}'")
    right: dict[str, Any] = {key: stack_says.rpartition(" ")[2].strip("'")}
    text = desk.up(AWS_PROFILE="acme-prod", **right).refused()
    assert "belongs to account" in text, "the environment wins over the file"


def test_two_env_files_that_disagree_are_both_named(desk: Desk) -> None:
    files = desk.env_file(AWS_PROFILE="one"), desk.env_file(desk.slipway, AWS_PROFILE="two")
    desk.refused(*map(str, files), "'one'", "'two'")


def test_the_env_file_alone_says_account_region_and_profile(desk: Desk) -> None:
    desk.stack(remove=("aws:region",), account=None, services=None,
               bundles={"bucket": "slipway-guarded"})  # fmt: skip
    desk.env_file(AWS_ACCOUNT_ID=THEIRS, AWS_REGION="eu-central-1", AWS_PROFILE="acme-prod")
    first = desk.up().ok()
    assert "canary" not in first
    assert theirs(desk, "ecr").describe_repositories()["repositories"]
    before = desk.estate.counters()
    again = desk.up().ok()
    assert "unchanged" in again
    after = desk.estate.counters()
    assert {name: after[name] - before[name] for name in WRITES} == dict.fromkeys(WRITES, 0)
    # The same said by the stack file, later: nothing is replaced.
    (desk.top / ".env").unlink()
    desk.stack(aws_region="eu-central-1", aws_profile="acme-prod", account=THEIRS, services=None,
               bundles={"bucket": "slipway-guarded"})  # fmt: skip
    text = desk.up().ok()
    assert "replaced" not in text
    records = json.loads(desk.command("history", STACK, "--json").ok())["records"]
    assert records[0]["outcome"] == "succeeded"
    state = desk.pulumi("stack", "export").ok()
    assert "canary" not in state


def test_look_ups_too_are_made_with_what_the_env_file_says(desk: Desk) -> None:
    notifier = SERVICES["notifier"] | {"secrets": {"KEY": "parameter:/notifier/key"}}
    desk.stack(remove=("aws:region",), account=None, services={"notifier": notifier},
               bundles={"bucket": "slipway-looking"})  # fmt: skip
    # Another region: what the test before has made is not there.
    desk.env_file(AWS_ACCOUNT_ID=THEIRS, AWS_REGION="eu-north-1", AWS_PROFILE="acme-prod")
    assert "/notifier/key" in desk.pulumi("preview").refused()
    theirs(desk, "ssm", "eu-north-1").put_parameter(
        Name="/notifier/key", Value="v", Type="SecureString"
    )
    desk.pulumi("preview").ok()


def theirs(desk: Desk, service: str, region: str = "eu-central-1") -> Any:
    """A client of the other account, in another region."""
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{desk.estate.cloud_port}",
        region_name=region,
        aws_access_key_id=THEIRS,
        aws_secret_access_key="local",
    )


def test_credentials_at_hand_win_over_the_profile_of_the_env_file(desk: Desk) -> None:
    desk.env_file(AWS_PROFILE="acme-test")
    keys = {"AWS_ACCESS_KEY_ID": THEIRS, "AWS_SECRET_ACCESS_KEY": "local"}
    desk.refused(f"these credentials are of account {THEIRS}", **keys)


def test_it_works_or_refuses_clearly_from_any_folder(desk: Desk, tmp_path: Path) -> None:
    desk.env_file(AWS_PROFILE="acme-prod", AWS_ACCOUNT_ID=OURS)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "Pulumi.yaml").write_text("name: foreign\nruntime: yaml\n")
    inside = (desk.slipway / "infra", desk.slipway / "docs" / "recipes")
    for folder in inside:
        assert "belongs to account" in desk.up(folder).refused()
    for folder in (*inside, desk.top, desk.top / "services", tmp_path, foreign, Path("/")):
        assert "belongs to account" in desk.command("history", STACK, cwd=folder).refused()
    outside = desk.estate.pulumi(
        "up", "--yes", "--skip-preview", "--stack", STACK, "--cwd", str(desk.slipway),
        cwd=tmp_path, **desk.environment,
    )  # fmt: skip
    assert "belongs to account" in outside.refused()
    shutil.rmtree(desk.top / ".git")
    assert "belongs to account" not in desk.up(AWS_PROFILE="acme-dev").refused()
    assert "is not in a git repository" in desk.up(AWS_PROFILE="acme-dev").refused()


def test_what_is_promoted_comes_from_the_account_that_its_stack_names(desk: Desk) -> None:
    desk.stack(release={"images": "promote", "names": ["{version}"],
                        "origin": {"stack": "dev", "account": "999999999999"}})  # fmt: skip
    text = desk.pulumi("preview", AWS_PROFILE="acme-dev").refused()
    assert "release.origin.account" in text
    assert "999999999999" in text
    assert f"Pulumi.dev.yaml, whose images are promoted, is {OURS}" in text
