"""Updates of a stack whose records are in a bucket in memory, one process each."""

from __future__ import annotations

import threading
from typing import Any

from provider.begun import Stack
from provider.deployment import Deployment
from provider.record import RecordResource
from provider.resource import Call, Old
from tests.fakes.bucket import store
from tests.fakes.lines import Lines
from tests.fakes.records import COMMIT, D1

REPOSITORY = "127.0.0.1:4510/prod/shop"


def deployment(**environment: str) -> Deployment:
    """What a plugin process has for its update, by the user ada."""
    stack = Stack(project="slipway", name="prod", store=store, commit=lambda: COMMIT)
    return Deployment(stack, {"GITHUB_ACTOR": "ada", **environment})


class Update:
    """One update, in a process of its own."""

    def __init__(self, **environment: str) -> None:
        self.deployment = deployment(**environment)
        self.lines = Lines()
        self.call = Call("urn", self.lines, threading.Event())
        self.resource = RecordResource(self)  # type: ignore[arg-type]

    def check_account(self) -> None:
        """Every account will do."""

    def up(self, wanted: dict[str, Any], old: Old | None = None) -> Old:
        """Settles the record."""
        assert self.resource.check(wanted) == {}
        return Old(inputs=wanted, outputs=self.resource.settle(self.call, wanted, old, False)[1])

    def preview(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """The outputs that a preview knows."""
        return dict(self.resource.settle(self.call, wanted, None, True)[1])


def inputs(version: str | None = None, digest: str = D1, **more: Any) -> dict[str, Any]:
    """The inputs of a record of one image and one service."""
    tag = version or "main"
    image = {"repository": REPOSITORY, "digest": digest, "tag": tag, "reason": "it changed"}
    service = {
        "target": "host",
        "image": f"{REPOSITORY}:{tag}@{digest}",
        "digest": digest,
        "version": tag,
        "verdict": f"running {digest}",
        "seconds": {"total": 2},
    }
    given = {"version": version} if version else {}
    return {
        "commit": COMMIT,
        "names": [tag],
        "images": {"shop": image},
        "services": {"shop": service},
        **given,
        **more,
    }
