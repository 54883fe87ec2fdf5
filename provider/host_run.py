"""One action on hosts: sent, waited for, sent once more where it was lost, and judged."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence

from clients import ssm, ssm_output
from clients.aws import AwsAccess
from clients.ssm import MOST_INSTANCES, Command, Invocation
from provider.host_inputs import HostInputs
from provider.host_verdict import HostVerdict, has_verdict, verdict
from provider.resource import Call


class HostRun:
    """Runs actions of one rollout. A host may get an action twice: its script lets the second
    wait for the first, and finds the version in place."""

    def __init__(self, access: AwsAccess, call: Call, wanted: HostInputs, by: str = "") -> None:
        """`call` hears how far it is, and may cancel; `by` is who asks, for whoever has to wait."""
        self._access, self._call, self._wanted = access, call, wanted
        self._by = _told(by)

    def __call__(self, action: str, instances: Sequence[str], limit: float) -> list[HostVerdict]:
        """What each host made of it within `limit` seconds. Raises AwsError, CancelledError.

        More than one command takes are sent one batch after the other.
        """
        batches = range(0, len(instances), MOST_INSTANCES)
        taken = [instances[start : start + MOST_INSTANCES] for start in batches]
        return [each for batch in taken for each in self._batch(action, batch, limit)]

    def _batch(self, action: str, instances: Sequence[str], limit: float) -> list[HostVerdict]:
        done = self._once(action, instances, limit)
        lost = [each for each in instances if done[each].status == ssm.LOST]
        if lost:
            self._call.info(f"{self._wanted.service}: {action} was lost on {', '.join(lost)}")
            done |= self._once(action, lost, limit)
        return [verdict(done[each], self._wanted.service) for each in instances]

    def _once(self, action: str, instances: Sequence[str], limit: float) -> dict[str, Invocation]:
        began, wanted = time.monotonic(), self._wanted
        command = ssm.send(
            self._access,
            Command(
                document=wanted.document,
                document_hash=wanted.document_hash,
                instances=instances,
                parameters=wanted.parameters(action, self._access.region) | self._by,
                comment=f"slipway {action} {wanted.service}",
                log_group=wanted.log_group,
            ),
        )

        def on_change(states: Mapping[str, str]) -> None:
            shown = ", ".join(f"{each} {state}" for each, state in states.items())
            self._call.status(f"{action}: {shown} ({time.monotonic() - began:.0f} s)")

        found = ssm.wait(
            self._access,
            command,
            instances,
            deadline=began + limit,
            cancelled=self._call.cancelled,
            on_change=on_change,
        )
        return {each: self._whole(command, done) for each, done in found.items()}

    def _whole(self, command: str, done: Invocation) -> Invocation:
        return ssm_output.with_its_end(
            self._access,
            self._wanted.log_group,
            command,
            done,
            lambda text: has_verdict(text, self._wanted.service),
            cancelled=self._call.cancelled,
        )


def _told(by: str) -> dict[str, str]:
    """The document's parameter, which holds nothing that a shell or a log could stumble over."""
    text = re.sub(r"[^A-Za-z0-9._:/@-]", "-", by)[:100].lstrip("-._:/@")
    return {"by": text} if text else {}
