"""Stacks whose rights the tests look at: one that builds, and two that promote."""

from __future__ import annotations

from components.documents.ci_estate import CiEcs, CiEstate, CiFunction, CiHost, CiState

KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"
DEV = CiEstate(
    stack="dev",
    region="eu-west-1",
    account="123456789012",
    images="build",
    repositories=("atta", "backend", "book-shop", "notifier"),
    bucket="acme-deploys-dev",
    host=CiHost(
        create=True, tag=("slipway:stack", "dev"), sessions=True, parameter_paths=("/book-shop/",)
    ),
    ecs=(CiEcs(name="backend", balancer=True), CiEcs(name="report", schedule=True)),
    functions=(CiFunction(name="notifier", repository="notifier", url=True),),
    parameters=("/backend/db",),
    secrets=("notifier/key",),
    state=CiState(bucket="acme-state", project="slipway", key_arn=KEY),
)
"""Everything that there is, built and deployed by a branch."""

PROD = CiEstate(
    stack="prod",
    region="eu-west-1",
    account="123456789012",
    images="within",
    repositories=("atta", "book-shop"),
    makes_repositories=False,
    bucket="acme-deploys-prod",
    source=("acme-deploys-dev", "dev"),
    host=CiHost(create=False, tag=("role", "app")),
)
"""Releases of what dev has built, named in dev's repositories."""

APART = CiEstate(
    stack="prod",
    region="eu-west-1",
    account="210987654321",
    images="across",
    repositories=("prod/backend",),
    sources=("arn:aws:ecr:eu-west-1:123456789012:repository/dev/backend",),
    bucket="acme-deploys-prod",
    source=("acme-deploys-dev", "dev"),
    ecs=(CiEcs(name="backend", cluster="shared"),),
)
"""Releases in an account of their own."""
