"""Bases that are tags: found at their lines, told once per image, with how to pin them."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from clients.base_images import BaseLookup, reference_of
from clients.registry_auth import Keychain
from infra.tag_bases import warning
from release.catalogue import ImageSource
from release.dockerfile import Base, read_bases
from release.plan import PlannedImage

DOCKERFILE = """# syntax=docker/dockerfile:1
ARG BASE=debian:bookworm
ARG TAG
FROM --platform=$BUILDPLATFORM golang:${TAG:-1.26} AS build
RUN true \\
  # FROM nowhere
  && true
FROM \\
  ${BASE}
FROM build AS again
FROM scratch
FROM pinned@sha256:1
FROM debian:bookworm
"""
DIGEST = "sha256:" + "e" * 64


def planned() -> PlannedImage:
    source = ImageSource(
        name="shop", folder="s/shop", dockerfile="s/shop/Dockerfile", context="s/shop"
    )
    return PlannedImage(
        source=source, key="k", args={}, platforms=(), attest=True, build_names=(),
        release_names=(), movable_names=(), version_names=(), sha_names=(), dirty=(), changed=(),
    )  # fmt: skip


def test_bases_are_found_at_their_lines_with_the_arguments_they_come_from() -> None:
    assert list(read_bases(DOCKERFILE, {})) == [
        Base(image="golang:1.26", line=4, arguments=("TAG",)),
        Base(image="debian:bookworm", line=8, arguments=("BASE",)),
        Base(image="pinned@sha256:1", line=12),
    ]


def test_build_arguments_of_the_stack_decide_what_a_base_is() -> None:
    found = list(read_bases(DOCKERFILE, {"BASE": f"debian@{DIGEST}", "TAG": "1.27"}))
    assert [(each.image, each.pinned) for each in found] == [
        ("golang:1.27", False),
        (f"debian@{DIGEST}", True),
        ("pinned@sha256:1", True),
        ("debian:bookworm", False),
    ]


def test_a_warning_names_image_line_and_pin() -> None:
    bases = [
        Base(image="debian:bookworm", line=8, arguments=("BASE",)),
        Base(image="golang:1.26", line=4),
    ]
    assert warning(planned(), bases, {"debian:bookworm": DIGEST}) == (
        "shop: s/shop/Dockerfile:8 is built from the tag debian:bookworm, which may name another "
        f"image tomorrow. Pin it in the build argument BASE: debian:bookworm@{DIGEST}; "
        "s/shop/Dockerfile:4 is built from the tag golang:1.26, which may name another image "
        "tomorrow. Pin it: golang:1.26@sha256:… (`docker buildx imagetools inspect golang:1.26` "
        "shows it)"
    )


@pytest.mark.parametrize(
    ("base", "repository", "tag"),
    [
        ("debian", "registry-1.docker.io/library/debian", "latest"),
        ("python:3.12-slim", "registry-1.docker.io/library/python", "3.12-slim"),
        ("acme/base:1", "registry-1.docker.io/acme/base", "1"),
        ("docker.io/debian:1", "registry-1.docker.io/library/debian", "1"),
        ("127.0.0.1:4510/base/debian:1", "127.0.0.1:4510/base/debian", "1"),
        ("127.0.0.1:4510/base/debian", "127.0.0.1:4510/base/debian", "latest"),
        ("public.ecr.aws/docker/library/python:3", "public.ecr.aws/docker/library/python", "3"),
    ],
)
def test_a_base_is_asked_for_where_docker_would_ask(base: str, repository: str, tag: str) -> None:
    assert reference_of(base) == (repository, tag)


def test_a_registry_that_does_not_answer_costs_no_more_than_the_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = threading.Event()

    class Slow:
        def __init__(self, repository: str, keychain: Any) -> None:
            self.repository = repository

        def head(self, tag: str) -> str | None:
            if "slow" in self.repository:
                answers.wait(10)
            if "odd" in self.repository:
                raise ValueError("no reference")
            return DIGEST

    monkeypatch.setattr("clients.registry.Registry", Slow)
    lookup = BaseLookup(["a.example/slow:1", "a.example/odd:1", "a.example/quick:1"], Keychain())
    found = lookup.digests(0.2)
    answers.set()
    assert found == {"a.example/quick:1": DIGEST}
