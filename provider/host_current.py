"""What a host makes of a service when it boots: moved when it has switched, and back with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from provider.deployment import Deployment
from provider.host_inputs import HostInputs
from provider.host_verdict import HostVerdict
from release.host_current import HostEntry

if TYPE_CHECKING:
    from clients.host_current import HostCurrent


class CurrentOfHosts:
    """The part of one rollout in the document that hosts read at a boot; without records none."""

    def __init__(self, deployment: Deployment, region: str, wanted: HostInputs) -> None:
        """Reads what is there. Raises RecordError or AwsError."""
        self._deployment, self._region, self._wanted = deployment, region, wanted
        # A cluster starts its pods itself when it boots.
        self._kept = deployment.kept and wanted.kind != "kubernetes"
        self._before = self._document.entry(wanted.service) if self._kept else None

    def already(self, verdicts: Sequence[HostVerdict], new: Sequence[str]) -> list[HostVerdict]:
        """The hosts that run what is asked, where no more than the hosts changed: one that joins
        disturbs no other one, and may have come to it by itself when it booted."""
        before = self._before.version if self._before else self._wanted.version
        return [
            each
            for each in verdicts
            if each.runs(self._wanted.digest)
            and (each.instance not in new or each.version in (before, self._wanted.version))
        ]

    def move(self) -> None:
        """From now on a host that boots runs what was asked. Raises RecordError or AwsError."""
        if self._kept:
            self._document.move(self._wanted.service, self._entry, self._before)

    def move_back(self) -> None:
        """From now on it runs what it ran before. Raises RecordError or AwsError."""
        if self._kept:
            self._document.move(self._wanted.service, self._before, self._entry)

    @cached_property
    def _document(self) -> HostCurrent:
        # Imported late: pydantic and boto3 take their time.
        from clients.host_current import HostCurrent

        stack = self._wanted.bundle_key.split("/")[1]
        return HostCurrent(self._deployment.store.objects, stack)

    @property
    def _entry(self) -> HostEntry:
        values = self._wanted.parameters("deploy", self._region)
        return HostEntry(**{name: values[name] for name in HostEntry.__dataclass_fields__})
