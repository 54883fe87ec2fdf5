"""A recording engine for components: what would be registered, with which inputs and options.

`build` runs a program inside Pulumi's own drain and gives back a `Recording`; assert after it,
never inside. Against the traps of Pulumi's mocks: two resources with one URN are refused, a type
without known outputs is refused (its missing outputs would vanish from other inputs), and what
`register_outputs` was given is recorded. It does not show what a provider would refuse.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc, settings
from pulumi.runtime.proto import resource_pb2

from tests.engine_answers import CALLS, OUTPUTS

SECRET = "4dabf18193072939515e22adb298388d"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One registered resource."""

    type: str
    name: str
    urn: str
    parent: str
    custom: bool
    inputs: Mapping[str, Any]
    protect: bool
    retain_on_delete: bool
    ignore_changes: tuple[str, ...]
    dependencies: frozenset[str]
    import_id: str
    delete_before_replace: bool | None


@dataclass
class Recording(mocks.Mocks):
    """Everything that a program asked of the engine."""

    preview: bool = False
    resources: list[Recorded] = field(default_factory=list)
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    registered_outputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    result: Any = None
    """What the program returned, its outputs resolved; None if any is unknown."""

    def of(self, type_: str) -> list[Recorded]:
        """All resources of a type."""
        return [each for each in self.resources if each.type == type_]

    def one(self, type_: str) -> Recorded:
        """The only resource of a type."""
        found = self.of(type_)
        assert len(found) == 1, f"{len(found)} resources of {type_}: {[r.name for r in found]}"
        return found[0]

    def components(self) -> list[Recorded]:
        """All component resources."""
        return [each for each in self.resources if not each.custom]

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str | None, dict[Any, Any]]:
        """Answers a registration as a provider would; in a preview only with the inputs."""
        if not args.custom or self.preview:
            return None, dict(args.inputs)
        assert args.typ in OUTPUTS, (
            f"{args.typ} has no outputs in tests/engine_answers.py: add them"
        )
        computed = OUTPUTS[args.typ](args.name, args.inputs)
        return f"{args.name}-id", {**args.inputs, **computed}

    def call(
        self, args: pulumi.runtime.MockCallArgs
    ) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """Answers a lookup."""
        assert args.token in CALLS, f"{args.token} has no answer in tests/engine_answers.py: add it"
        self.calls.append((args.token, args.args))
        return CALLS[args.token](args.args), []


class _Monitor(mocks.MockMonitor):
    def __init__(self, recording: Recording) -> None:
        super().__init__(recording)
        self.recording = recording

    def RegisterResource(  # noqa: N802 -- the name is the protocol's
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return self._answer(request)
        if urn in {each.urn for each in self.recording.resources}:
            raise AssertionError(f"registered twice: {urn}")
        self.recording.resources.append(
            Recorded(
                type=request.type,
                name=request.name,
                urn=urn,
                parent=request.parent,
                custom=request.custom,
                inputs=rpc.deserialize_properties(request.object),
                protect=request.protect,
                retain_on_delete=request.retainOnDelete,
                ignore_changes=tuple(request.ignoreChanges),
                dependencies=frozenset(request.dependencies),
                import_id=request.importId,
                delete_before_replace=request.deleteBeforeReplace
                if request.deleteBeforeReplaceDefined
                else None,
            )
        )
        return self._answer(request)

    def _answer(
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        response: resource_pb2.RegisterResourceResponse = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        return response

    def RegisterResourceOutputs(  # noqa: N802 -- the name is the protocol's
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> Any:
        self.recording.registered_outputs[request.urn] = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def build(program: Callable[[], Any], *, preview: bool = False) -> Recording:
    """Runs a program and everything it registers to the end. Raises what the program raised."""
    recording = Recording(preview=preview)
    _have_loop()
    # Else the stack of the program before, and what that had registered for all of its resources.
    settings.ROOT.set(None)
    mocks.set_mocks(recording, "slipway", "dev", preview, monitor=_Monitor(recording))

    def whole() -> pulumi.Output[None]:
        def keep(value: Any) -> None:
            recording.result = value

        return pulumi.Output.from_input(program()).apply(keep)

    pulumi.runtime.test(whole)()  # type: ignore[no-untyped-call]
    return recording


def _have_loop() -> None:
    """Pulumi asks for this thread's loop; a test before this one may have closed and removed it."""
    try:
        asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())


def failure_of(program: Callable[[], Any]) -> str:
    """Runs a program that must fail; gives back the type and the message of its error.

    Collects what is left of it at once: an error that only a forgotten task holds is printed when
    it is collected, and a traceback printed while Python 3.11 parses something ends the process.
    """
    try:
        build(program)
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
    else:
        raise AssertionError("the program did not fail")
    gc.collect()
    return message


def is_secret(value: Any) -> bool:
    """Whether an input went to the engine as a secret."""
    return isinstance(value, Mapping) and SECRET in value


def outputs_of(component: pulumi.ComponentResource) -> dict[str, pulumi.Output[Any]]:
    """The public outputs of a component by name."""
    return {
        name: value
        for name, value in vars(component).items()
        if isinstance(value, pulumi.Output) and not name.startswith(("_", "urn"))
    }
