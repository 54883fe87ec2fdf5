"""Questions to the engine that are asked before the program is loaded.

A short update is mostly waiting, one thing for another: the program for its modules, its first
question for the plugin of AWS to start, the next one for the engine to read the state. Here they
wait together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pulumi
from google.protobuf import struct_pb2
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_monitor
from pulumi.runtime.sync_await import _sync_await

from infra.env_file import env_files
from infra.project import project_folder, stack_config

P = ParamSpec("P")
T = TypeVar("T")
_STATE = "pulumi:pulumi:readStackResourceOutputs"
_IDENTITY = "aws:index/getCallerIdentity:getCallerIdentity"


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """What was asked."""

    state: Future[struct_pb2.Struct]
    """The resources that this update begins with."""
    identity: Future[struct_pb2.Struct] | None
    """Whose credentials Pulumi's default provider of AWS finds; None if that wasn't asked."""

    @property
    def account(self) -> str | None:
        """The account of those credentials; None if AWS did not say, or was not asked."""
        if self.identity is None:
            return None
        # Whoever asks again is told why.
        with suppress(Exception):
            return answer_of(self.identity).fields["accountId"].string_value or None
        return None


def ask_ahead() -> Ahead:
    """Asks for the state, and for the account where the default provider is the stack's own."""
    engine: Any = get_monitor()
    asks = _by_default(pulumi.get_project(), stack_config(), project_folder())
    return Ahead(
        identity=in_background(_ask, engine, _IDENTITY) if asks else None,
        state=in_background(_ask, engine, _STATE, stackName=pulumi.get_stack()),
    )


def in_background(work: Callable[P, T], *args: P.args, **more: P.kwargs) -> Future[T]:
    """Begins in a thread of its own."""
    thread = ThreadPoolExecutor(1, "ahead")
    begun = thread.submit(work, *args, **more)
    thread.shutdown(wait=False)
    return begun


def answer_of(begun: Future[T]) -> T:
    """Waits for what was begun, and raises what it raised. The engine is told of resources
    meanwhile: a thread that only waits tells it of none."""

    async def answer() -> T:
        return await asyncio.wrap_future(begun)

    return _sync_await(answer())


def _ask(engine: Any, token: str, **words: str) -> struct_pb2.Struct:
    """Not by `pulumi.runtime.invoke`, which makes Python values of everything in an answer: of
    thousands of resources a few texts are read."""
    asked = struct_pb2.Struct()
    asked.update(words)
    # The default provider is one for each version.
    of = version("pulumi_aws") if token.startswith("aws:") else ""
    request = resource_pb2.ResourceInvokeRequest(tok=token, args=asked, version=of)
    answer = engine.Invoke(request)
    if answer.failures:
        raise RuntimeError("; ".join(each.reason for each in answer.failures))
    found: struct_pb2.Struct = getattr(answer, "return")
    return found


def _by_default(project: str, config: Mapping[str, str], folder: Path) -> bool:
    """Whether nothing outside of the stack file says who the stack belongs to: what `.env` says is
    read, and checked, later."""
    if not config.get(f"{project}:account"):
        return False
    return bool(config.get("aws:accessKey")) or not any(env_files(folder))
