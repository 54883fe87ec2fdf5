"""What an image is made of: its ingredients, and the base images of its Dockerfile."""

from __future__ import annotations

from dataclasses import replace

from release.content_key import content_key, ingredients
from release.dockerfile import tag_bases
from tests.unit.test_why import SOURCE

DOCKERFILE = """
# FROM comment:tag
ARG BASE=debian:bookworm
ARG TAG
FROM ${BASE} AS build
ARG BASE=inner:one
FROM --platform=$BUILDPLATFORM golang:$TAG AS tools
FROM python:3.12@sha256:abc AS pinned
FROM scratch
FROM build \\
  AS last
"""


def test_bases_are_the_outside_images_that_no_digest_pins() -> None:
    assert tag_bases(DOCKERFILE, {"TAG": "1.26"}) == ("debian:bookworm", "golang:1.26")
    assert tag_bases(DOCKERFILE, {"BASE": "debian@sha256:1"}) == ("golang:$TAG",)


GOLDEN_KEY = "c07ec3b236dc5330ede8134eb1a7bb4a71810235"


def test_the_content_key_is_the_same_function_of_its_inputs_for_ever() -> None:
    source = replace(SOURCE, inputs=("libs/common", "VERSIONS"))
    ids = {
        "services/api": "1" * 40,
        "services/api/Dockerfile": "2" * 40,
        "libs/common": "3" * 40,
        "VERSIONS": "4" * 40,
    }
    args = {"BASE": "debian", "A": "1"}
    platforms = ("linux/arm64", "linux/amd64")
    assert content_key(source, ids, args=args, platforms=platforms, attest=True) == GOLDEN_KEY
    assert ingredients(source, ids, args=args, platforms=platforms, attest=True) == {
        "recipe": "1",
        "context services/api": "1" * 40,
        "dockerfile services/api/Dockerfile": "2" * 40,
        "input VERSIONS": "4" * 40,
        "input libs/common": "3" * 40,
        "argument A": "1",
        "argument BASE": "debian",
        "platforms": "linux/amd64,linux/arm64",
        "attest": "true",
    }
