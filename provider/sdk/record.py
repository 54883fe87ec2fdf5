"""`Record` as a Pulumi program writes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi import Input

from provider.sdk.base import inputs_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class RecordArgs:
    """What an update leaves behind; docs/records.md has every key."""

    commit: Input[str]
    """Commit that the content comes from."""
    images: Input[Mapping[str, Input[Mapping[str, Input[Any]]]]]
    """By image: repository, digest, tag, reason, key, inputs, deployment. A diff: digest, tag,
    deployment."""
    services: Input[Mapping[str, Input[Mapping[str, Input[Any]]]]]
    """By service: target, image, digest, version, verdict, reason, deployment, seconds. A diff:
    digest, deployment."""
    version: Input[str] | None = None
    """Version of the update, if the stack has versions. A diff."""
    names: Input[Sequence[Input[str]]] = ()
    """Names that the images got."""
    source: Input[Mapping[str, Input[str]]] | None = None
    """Where the content was taken from: record, commit. None: this commit."""
    bundle: Input[Mapping[str, Input[str]]] | None = None
    """Deploy bundle: bucket, key, sha256, version."""
    hold: str | None = None
    """Why a rollback was asked for: the word of SLIPWAY_HOLD."""


class Record(pulumi.CustomResource):
    """The record of the update that changed something last, and the pointer to it.

    Register it last, depending on everything that is deployed. Deleting it keeps all records.
    """

    record: pulumi.Output[str]
    """Id of the record."""
    previous: pulumi.Output[str]
    """Id of the one that was current before; empty for the first."""
    held: pulumi.Output[str]
    """"true" while newer updates are refused, else "false"."""

    def __init__(
        self, name: str, args: RecordArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        outputs = ("record", "previous", "held")
        super().__init__(
            "rollout:index:Record", name, {**inputs_of(args), **dict.fromkeys(outputs)}, opts
        )
