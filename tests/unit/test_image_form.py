"""Which images are an index with provenance, and which a single manifest: alike in every stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.lambda_images import lambda_images
from infra.secret_settings import refuse_secrets
from infra.settings import Settings, read_settings
from release.catalogue import ImageSource
from release.plan import Naming, PlannedImage, Tree, plan_images

SCANNER = "scanners.example.com/scan@sha256:" + "5" * 64


def settings(**config: Any) -> Settings:
    base = {"aws:region": "eu-west-1", "slipway:bundles": '{"bucket": "some-bucket"}'}
    return read_settings("slipway", "dev", base | {f"slipway:{k}": v for k, v in config.items()})


def plan(own: bool | None = None, **wishes: Any) -> PlannedImage:
    source = ImageSource(
        name="api", folder="api", dockerfile="api/Dockerfile", context="api", attest=own
    )
    tree = Tree(commit="c" * 40, tree="t" * 40, ids={"api": "1" * 40, "api/Dockerfile": "2" * 40})
    naming = Naming(templates=("{sha}",), stack="dev", version=None)
    return plan_images({"api": source}, tree, naming, args={}, **wishes)["api"]


@pytest.mark.parametrize(
    ("own", "wishes", "attested"),
    [
        (None, {}, True),
        (None, {"single": {"api"}}, False),
        (None, {"single": {"other"}}, True),
        (None, {"attest": False}, False),
        (None, {"attest": True, "single": {"api"}}, True),
        (False, {"attest": True}, False),
        (True, {"attest": False, "single": {"api"}}, True),
    ],
)
def test_the_image_decides_before_the_stack_and_the_stack_before_the_use(
    own: bool | None, wishes: dict[str, Any], attested: bool
) -> None:
    assert plan(own, **wishes).attest is attested


def test_a_scanner_belongs_to_provenance_and_changes_the_key() -> None:
    assert plan(sbom=SCANNER).sbom == SCANNER
    assert plan(sbom=SCANNER).key != plan().key
    assert plan(sbom=SCANNER, attest=False).sbom is None
    assert plan(sbom=SCANNER, attest=False).key == plan(attest=False).key


def test_lambda_images_are_those_of_any_stack_file_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.prod.yaml").write_text(
        "config:\n  slipway:services:\n    a: {target: lambda}\n    b: {target: ecs, port: 1}\n"
        "    c: {target: lambda, image: shared}\n"
    )
    (tmp_path / "Pulumi.test.yaml").write_text(
        'config:\n  slipway:services: \'{"json": {"target": "lambda"}}\'\n'
        "  other:services: {foreign: {target: lambda}}\n"
    )
    (tmp_path / "Pulumi.empty.yaml").write_text("# lambda\n")
    mine = settings(services='{"own": {"target": "lambda"}}')
    assert lambda_images(mine, tmp_path) == {"a", "shared", "json", "own"}


def test_a_stack_file_that_is_no_yaml_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.prod.yaml").write_text("config: [lambda\n")
    with pytest.raises(ValueError, match=r"Pulumi\.prod\.yaml can't be read"):
        lambda_images(settings(), tmp_path)


@pytest.mark.parametrize(
    ("build", "said"),
    [
        ('{"sbom": "scanner:latest"}', "build.sbom"),
        ('{"sbom": "s,x=y@sha256:' + "5" * 64 + '"}', "build.sbom"),
        ('{"secrets": {"npm": "hunter2"}}', "build.secrets"),
        ('{"secrets": {"npm": "file:/a,src=/etc/shadow"}}', "build.secrets"),
        ('{"secrets": {"a,b": "env:TOKEN"}}', "build.secrets"),
    ],
)
def test_what_is_no_reference_is_refused(build: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        settings(build=build)


def test_references_are_taken() -> None:
    build = settings(build='{"secrets": {"npm": "env:NPM_TOKEN", "pip": "file:~/.pip.conf"}}').build
    assert build.secrets == {"npm": "env:NPM_TOKEN", "pip": "file:~/.pip.conf"}


def test_an_encrypted_setting_of_ours_is_refused_and_those_of_others_are_not() -> None:
    refuse_secrets("slipway", "dev", ["aws:secretKey", "slipwayx:services"])
    with pytest.raises(ValueError, match="slipway:services encrypted"):
        refuse_secrets("slipway", "dev", ["aws:secretKey", "slipway:services"])
