"""`rollout:index:Record`: the last resource. It closes the record and moves the pointer to it.

Delete does nothing: records outlive their stack.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from clients import ClientError
from provider.configured import Configured
from provider.deployment import Deployment
from provider.resource import Call, Diff, Old, Properties
from provider.wire import UNKNOWN, is_known
from release.record_text import moment

if TYPE_CHECKING:
    # Imported late, as everything that needs pydantic: a stack without records never does.
    from provider.record_inputs import RecordInputs
    from release.record import ImageEntry, Pointer, Record

UNDONE = (
    "the update ended before all of it was done: something that is no rollout failed (an image, a "
    "resource of AWS, the program), or it was for some targets alone; the output of the run says it"
)


class RecordResource:
    """The methods of the resource type; see `provider.resource.Resource`."""

    def __init__(self, configured: Configured) -> None:
        self._configured = configured

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        from provider import record_inputs

        return record_inputs.check(inputs)

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By what runs, and by one GET: is the record of this state still the current one?"""
        from provider import record_inputs

        changed = record_inputs.changed(old.inputs, inputs)
        current, ours = self._current(), old.outputs.get("record")
        found = current.record if current else None
        if not changed and found != ours:
            call.info(
                f"the current record is {found or 'missing'}, and this state's is {ours}: another "
                "checkout or state has deployed this stack; a new record is written"
            )
            changed.append("record")
        return Diff(changed=changed)

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Close the record and move the pointer, or say in a preview what this update is."""
        if preview or not is_known(dict(inputs)):
            return "", self._foretold(call, inputs)
        from provider.record_inputs import RecordInputs

        wanted, deployment = RecordInputs.of(inputs), self._deployment
        self._configured.check_account()
        deployment.begin(wanted.version)
        deployment.refuse_if_held(wanted.version)
        wanted = wanted.model_copy(update={"images": self._with_former(wanted)})
        record = deployment.close(**self._values(wanted))
        try:
            pointer = self._move(record, wanted)
            self._forget_former_hosts(record.stack, wanted)
        except ClientError as error:
            unwritten = deployment.fail("pointer", str(error))
            if unwritten:
                call.info(unwritten)
            deployment.telling.tell(deployment.record, call)
            raise
        if record.rollback:
            call.info(
                f"newer updates are refused from now on: `slipway resume {record.stack}` lifts that"
            )
        deployment.telling.tell(deployment.record, call)
        return record.stack, _outputs(record.id, record.previous, pointer.hold is not None)

    def read(self, call: Call, old: Old) -> Properties | None:
        """As the state has it: the diff asks for the pointer anyway."""
        return old.outputs

    def end(self, call: Call) -> None:
        """Close a record that was left open: what failed was no rollout, or the program itself."""
        deployment = self._configured.deployment
        record = deployment.record
        if record is None or record.outcome != "open" or deployment.telling.is_acting:
            return
        try:
            closed = deployment.close(outcome="failed", failure=UNDONE)
        except ClientError as error:
            call.warning(f"the record of this update could not be written: {error}")
            return
        deployment.telling.tell(closed, call)

    @property
    def _deployment(self) -> Deployment:
        if not self._configured.deployment.kept:
            raise ClientError(
                "no records are kept: the provider was given no project, stack and bucket"
            )
        return self._configured.deployment

    def _current(self) -> Pointer | None:
        found = self._deployment.pointer()
        return found[0] if found else None

    def _asked(self, inputs: Properties) -> str | None:
        return inputs.get("hold") or self._deployment.hold_asked

    def _with_former(self, wanted: RecordInputs) -> dict[str, ImageEntry]:
        """An image that this update did not touch keeps what the record before says it is made of.

        So it is when one image alone is released while others wait with changes.
        """
        current = self._current()
        store = self._deployment.store
        before = store.read(current.stack, current.record).images if current else {}
        images = dict(wanted.images)
        for name, entry in images.items():
            former = before.get(name)
            if former and former.deployment and former.deployment == entry.deployment:
                made_of = {"key": former.key, "inputs": former.inputs}
                images[name] = entry.model_copy(update=made_of)
        return images

    def _values(self, wanted: RecordInputs) -> dict[str, Any]:
        from release.rollback import goes_back

        asked = wanted.hold or self._deployment.hold_asked
        return {
            "outcome": "succeeded",
            "version": wanted.version,
            "names": wanted.names,
            "commit": wanted.commit,
            "source": wanted.source,
            "images": wanted.images,
            "services": wanted.services,
            "bundle": wanted.bundle,
            "rollback": goes_back(self._current(), wanted.version, asked),
        }

    def _move(self, record: Record, wanted: RecordInputs) -> Pointer:
        from release.record import Pointer
        from release.rollback import hold_after

        deployment, now = self._deployment, datetime.now(UTC)
        asked = wanted.hold or deployment.hold_asked
        found = deployment.pointer()
        pointer = Pointer(
            stack=record.stack,
            record=record.id,
            version=wanted.version,
            moved=moment(now),
            hold=hold_after(found[0] if found else None, wanted.version, asked, record.who, now),
        )
        deployment.store.move(pointer, found[1] if found else None)
        return pointer

    def _forget_former_hosts(self, stack: str, wanted: RecordInputs) -> None:
        from clients.host_current import HostCurrent

        hosted = {name for name, each in wanted.services.items() if each.target == "host"}
        HostCurrent(self._deployment.store.objects, stack).keep_only(hosted)

    def _foretold(self, call: Call, inputs: Properties) -> Properties:
        from release.rollback import foretell, refusal, will_be_held

        current = self._current()
        version = inputs.get("version")
        if not is_known(version):
            return _outputs(UNKNOWN, current.record if current else None, None)
        asked = self._asked(inputs)
        hold = refusal(current, version, asked)
        if hold:
            call.info(
                f"held by {hold.who} since {hold.since}: {hold.why}. `pulumi up` will refuse this "
                "until `slipway resume` lifts the hold"
            )
        else:
            call.info(foretell(current, version, asked))
        held = will_be_held(current, version, asked)
        return _outputs(UNKNOWN, current.record if current else None, held)


def _outputs(record: str, previous: str | None, held: bool | None) -> dict[str, Any]:
    text = UNKNOWN if held is None else str(held).lower()
    return {"record": record, "previous": previous or "", "held": text}
