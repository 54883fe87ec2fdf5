"""What an image says of its own making, through the real engine, BuildKit and registry.

The tests of this module stand on each other, in this order.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.canary_search import found_in
from tests.e2e.registry_reader import RegistryReader
from tests.estate import Estate

STACK = "chain"
# The protocol of BuildKit's scanners:
# https://github.com/moby/buildkit/blob/master/docs/attestations/sbom-protocol.md
SCANNER = """#!/bin/sh
set -eu
count=$(find "$BUILDKIT_SCAN_SOURCE" -type f | wc -l)
cat > "$BUILDKIT_SCAN_DESTINATION/own.spdx.json" <<END
{"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://spdx.dev/Document",
 "predicate": {"spdxVersion": "SPDX-2.3", "name": "files", "comment": "$count"}}
END
"""


@pytest.fixture(scope="module")
def slipway(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The slipway folder of a monorepo with a scanner among its images; nothing is deployed."""
    top = estate.checkout(tmp_path_factory.mktemp("chain") / "monorepo", ("book-shop", "notifier"))
    scanner = top / "services" / "scanner"
    scanner.mkdir()
    (scanner / "scan.sh").write_text(SCANNER)
    (scanner / "scan.sh").chmod(0o755)
    (scanner / "Dockerfile").write_text(
        'ARG BASE=debian:bookworm\nFROM ${BASE}\nCOPY scan.sh /\nENTRYPOINT ["/scan.sh"]\n'
    )
    write(estate, top)
    estate.git("add", "--all", top=top)
    estate.git("commit", "--quiet", "--message", "a scanner", top=top)
    return top / "deploy"


def write(estate: Estate, top: Path, **build: Any) -> None:
    base = f"127.0.0.1:{estate.registry_port}/base/debian:bookworm"
    estate.write_stack(
        top,
        STACK,
        registry={"kind": "ecr", "repository": "chain/{image}", "create": True},
        bundles={"bucket": "slipway-chain-deploys"},
        build={"args": {"BASE": base}, **build},
        host=None,
        services=None,
    )


def images(estate: Estate, slipway: Path) -> dict[str, Any]:
    text = estate.pulumi("stack", "output", "--json", "--stack", STACK, cwd=slipway).ok()
    found: dict[str, Any] = json.loads(text)["images"]
    return found


def listed(estate: Estate, slipway: Path) -> dict[str, Any]:
    """What `slipway images` says of each image."""
    argv = (".venv/bin/python", "-m", "cli.app", "images", "--stack", STACK, "--json")
    rows = json.loads(estate.run(*argv, cwd=slipway).ok())["images"]
    return {row["image"]: row["attestations"] for row in rows}


def test_every_image_warns_once_of_its_tag_base_and_says_how_to_pin_it(
    estate: Estate, slipway: Path
) -> None:
    text = estate.up(stack=STACK, cwd=slipway).ok()
    base = f"127.0.0.1:{estate.registry_port}/base/debian:bookworm"
    digest = RegistryReader(estate, "base/debian").head("bookworm")
    for image in ("book-shop", "scanner"):
        # Once among the diagnostics; the display also tells it while it happens.
        start = f"warning: {image}: services/{image}/"
        said = [line.strip() for line in text.splitlines() if line.strip().startswith(start)]
        assert len(said) == 1, text
        assert f"services/{image}/Dockerfile:2 is built from the tag {base}" in said[0]
        assert f"in the build argument BASE: {base}@{digest}" in said[0]


def test_a_base_by_digest_gives_no_warning(estate: Estate, slipway: Path) -> None:
    digest = RegistryReader(estate, "base/debian").head("bookworm")
    base = f"127.0.0.1:{estate.registry_port}/base/debian@{digest}"
    file = slipway / f"Pulumi.{STACK}.yaml"
    text = file.read_text()
    file.write_text(text.replace("base/debian:bookworm", f"base/debian@{digest}"))
    try:
        said = estate.preview(stack=STACK, cwd=slipway).ok()
    finally:
        file.write_text(text)
    assert base not in text
    assert "is built from the tag" not in said


def test_the_provenance_names_the_image_and_all_it_was_made_from(
    estate: Estate, slipway: Path
) -> None:
    digest = images(estate, slipway)["book-shop"]["digest"]
    reader = RegistryReader(estate, "chain/book-shop")
    (platform,) = reader.platforms(digest)
    (statement,) = reader.statements(digest)
    assert statement["predicateType"].startswith("https://slsa.dev/provenance/")
    assert {f"sha256:{each['digest']['sha256']}" for each in statement["subject"]} == {platform}
    text = json.dumps(statement["predicate"])
    base = RegistryReader(estate, "base/debian").head("bookworm")
    assert base.removeprefix("sha256:") in text, "the base image is not named by its digest"
    assert "build-arg:BASE" in text
    # mode=max has the Dockerfile itself, in base64.
    assert found_in(text.encode(), {"step": "COPY books.json app.py ./"})


def test_an_image_that_lambda_runs_in_any_stack_is_a_single_manifest(
    estate: Estate, slipway: Path
) -> None:
    digest = images(estate, slipway)["notifier"]["digest"]
    assert "layers" in RegistryReader(estate, "chain/notifier").manifest(digest)
    assert listed(estate, slipway) == {
        "book-shop": ["provenance"],
        "notifier": [],
        "scanner": ["provenance"],
    }


def test_an_sbom_is_attached_by_the_scanner_that_the_stack_names(
    estate: Estate, slipway: Path
) -> None:
    before = images(estate, slipway)
    place = f"127.0.0.1:{estate.registry_port}/chain/scanner"
    write(estate, slipway.parent, sbom=f"{place}@{before['scanner']['digest']}")
    # A commit's name is given once, so another form of the same content takes another commit.
    estate.git("commit", "--quiet", "--all", "--message", "with SBOM", top=slipway.parent)
    estate.up(stack=STACK, cwd=slipway).ok()
    after = images(estate, slipway)
    reader = RegistryReader(estate, "chain/book-shop")
    assert reader.platforms(after["book-shop"]["digest"]) == reader.platforms(
        before["book-shop"]["digest"]
    ), "the image itself is the same"
    found = {
        each["predicateType"]: each for each in reader.statements(after["book-shop"]["digest"])
    }
    sbom = found["https://spdx.dev/Document"]
    assert int(sbom["predicate"]["comment"]) > 100, "the scanner did not see the image's files"
    assert [f"sha256:{each['digest']['sha256']}" for each in sbom["subject"]] == reader.platforms(
        after["book-shop"]["digest"]
    )
    assert listed(estate, slipway)["book-shop"] == ["provenance", "sbom"]
    assert after["notifier"] == before["notifier"]
