"""What Lambda would refuse, refused before anything is done."""

from __future__ import annotations

import re
from typing import Any

import pytest

from components.documents.function import LambdaServiceSpec, refuse_for_lambda
from tests.engine import failure_of
from tests.unit.test_components_lambda import program


def test_a_secret_that_is_not_there_is_named() -> None:
    said = failure_of(lambda: program(secrets={"DB": "parameter:/missing"}))

    assert "notifier: secrets.DB (parameter:/missing) can't be looked up" in said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"memory": 64}, "memory 64 MiB; allowed: 128 to 10240"),
        ({"timeout": 901}, "timeout 901 s; allowed: 1 to 900 s"),
        ({"architecture": "riscv"}, "architecture 'riscv'; allowed: x86_64 or arm64"),
        ({"url": "private"}, "url 'private'; allowed: true, false or public"),
        ({"environment": {"AWS_REGION": "x"}}, "AWS_REGION is reserved by Lambda"),
        ({"environment": {"LAMBDA_X": "x"}}, "LAMBDA_X is reserved by Lambda"),
        ({"retention_days": 2}, "2 is no number of days"),
        ({"secrets": {"A": "hunter2"}}, "secrets.A"),
    ],
)
def test_what_lambda_would_refuse_is_refused_at_once(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        LambdaServiceSpec(**{"name": "notifier", **values})


@pytest.mark.parametrize("event", [float("nan"), {"a": object()}])
def test_a_smoke_event_that_is_not_json_is_refused(event: Any) -> None:
    said = failure_of(lambda: program(smoke=event))

    assert "notifier: the smoke event is not JSON" in said


def test_a_variable_that_would_hide_where_a_secret_lies_is_refused() -> None:
    said = failure_of(
        lambda: program(environment={"DB_ARN": "x"}, secrets={"DB": "parameter:/notifier/db"})
    )

    assert "DB_ARN is where the secret DB is told; rename either" in said


@pytest.mark.parametrize(
    ("kind", "attest", "platforms", "architecture", "said"),
    [
        ("ecr-public", False, [], "x86_64", "private ECR of its own region only, not from ecr-pub"),
        ("registry.example:5000", False, [], "x86_64", "not from registry.example:5000"),
        ("ecr", True, [], "x86_64", "the image index that `attest: true` makes"),
        ("ecr", False, ["linux/amd64", "linux/arm64"], "x86_64", "build for linux/amd64 alone"),
        ("ecr", False, ["linux/arm64"], "x86_64", "architecture x86_64 needs linux/amd64"),
        ("ecr", False, ["linux/amd64"], "arm64", "architecture arm64 needs linux/arm64"),
        ("ecr", False, [], "riscv", "'riscv' is none of Lambda's; allowed: x86_64, arm64"),
    ],
)
def test_an_image_that_lambda_cannot_run_is_refused_with_what_to_change(
    kind: str, attest: bool, platforms: list[str], architecture: str, said: str
) -> None:
    assert said in str(refuse_for_lambda(kind, attest, platforms, architecture))


@pytest.mark.parametrize(
    ("platforms", "architecture"),
    [([], "x86_64"), (["linux/amd64"], "x86_64"), (["linux/arm64/v8"], "arm64")],
)
def test_an_image_that_lambda_can_run_is_not_refused(
    platforms: list[str], architecture: str
) -> None:
    assert refuse_for_lambda("ecr", False, platforms, architecture) is None
