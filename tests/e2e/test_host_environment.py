"""Variables of a service on a host, from Parameter Store, through the whole program. In order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.estate import Estate

STACK, PATH = "variables", "/e2e/book-shop/"
BEGAN = "docker inspect --format '{{.State.StartedAt}}' book-shop"
VARIABLES = "docker exec book-shop env"


@pytest.fixture(scope="module")
def slipway(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stack that runs already; its service's .env.example asks for nothing yet."""
    top = estate.checkout(tmp_path_factory.mktemp("variables") / "monorepo", ("book-shop",))
    shop = {"target": "host", "port": 8000, "publish": 8080, "health": "/healthz", "timeout": 300}
    estate.write_stack(
        top,
        STACK,
        registry={"kind": "ecr", "repository": "variables/{image}", "create": True},
        bundles={"bucket": "slipway-variables-deploys", "create": True},
        host={"create": True},
        services={"book-shop": {**shop, "bake": 0, "drain": 1, "parameters": PATH}},
    )
    estate.up(stack=STACK, cwd=top / "deploy").ok()
    return top / "deploy"


def put(estate: Estate, value: str) -> None:
    estate.client("ssm").put_parameter(
        Name=f"{PATH}COLOUR", Value=value, Type="SecureString", Overwrite=True
    )


def test_a_name_of_the_example_without_a_value_is_refused_before_anything_stops(
    estate: Estate, slipway: Path
) -> None:
    began = estate.on_machine(BEGAN).ok()
    example = slipway.parent / "services" / "book-shop" / ".env.example"
    example.write_text("COLOUR=what the walls are\n")
    text = estate.up(stack=STACK, cwd=slipway).refused()
    assert "lacks COLOUR, which .env.example lists" in text
    assert f"Parameter Store below {PATH}" in text
    assert estate.on_machine(BEGAN).ok() == began
    assert "book-shop-next" not in estate.on_machine("docker ps --all").ok()


def test_a_parameter_reaches_the_service(estate: Estate, slipway: Path) -> None:
    put(estate, "blue")
    text = estate.up(stack=STACK, cwd=slipway).ok()
    assert "COLOUR=blue" in estate.on_machine(VARIABLES).ok()
    assert "blue" not in text


def test_a_changed_parameter_is_a_diff_in_a_preview_and_reaches_the_service(
    estate: Estate, slipway: Path
) -> None:
    quiet = estate.preview("--expect-no-changes", stack=STACK, cwd=slipway)
    assert quiet.code == 0, quiet.text
    put(estate, "red")
    shown = estate.preview("--diff", stack=STACK, cwd=slipway).ok()
    assert "fingerprint" in shown
    assert "red" not in shown.split()
    assert "COLOUR=blue" in estate.on_machine(VARIABLES).ok()
    estate.up(stack=STACK, cwd=slipway).ok()
    assert "COLOUR=red" in estate.on_machine(VARIABLES).ok()
    assert estate.preview("--expect-no-changes", stack=STACK, cwd=slipway).code == 0
