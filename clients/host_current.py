"""Moving what the machines of a stack are to run, each service for itself, under a condition."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from clients.object_store import ConditionError, ObjectStore
from clients.record_documents import NotCurrentError, RecordError
from release.host_current import LARGEST, HostEntry, entries_of, key_of, text_of

_TRIES = 20


class HostCurrent:
    """The document of one stack. Methods raise RecordError or AwsError."""

    def __init__(self, objects: ObjectStore, stack: str) -> None:
        """Nothing is asked before a method is called."""
        self._objects = objects
        self._stack = stack
        self._key = key_of(stack)

    def entry(self, service: str) -> HostEntry | None:
        """What a machine that boots makes of the service now; None: nothing."""
        return self._read()[0].get(service)

    def move(self, service: str, entry: HostEntry | None, before: HostEntry | None) -> None:
        """Say what machines are to run of the service from now on; None: nothing.

        Other services may be moved at the same time. Raises NotCurrentError, and moves nothing, if
        it is neither what it was `before` nor what it shall be.
        """
        for _ in range(_TRIES):
            services, etag = self._read()
            found = services.get(service)
            if found == entry:
                return
            if found != before:
                raise NotCurrentError(
                    f"{service}: while this update ran, another one made "
                    f"{found.version if found else 'nothing'} what the hosts of {self._stack} run "
                    f"when they boot; look at `slipway history {self._stack}`, then run `pulumi "
                    "up` of the one that shall be current"
                )
            changed = {**services, service: entry} if entry else dict(services)
            if entry is None:
                changed.pop(service)
            if self._wrote({name: each for name, each in changed.items() if each}, etag):
                return
        raise self._restless()

    def keep_only(self, services: Collection[str]) -> None:
        """Forget services that the stack has no more."""
        for _ in range(_TRIES):
            found, etag = self._read()
            kept = {name: each for name, each in found.items() if name in services}
            if kept == found or self._wrote(kept, etag):
                return
        raise self._restless()

    def _read(self) -> tuple[Mapping[str, HostEntry], str | None]:
        found = self._objects.get(self._key, LARGEST)
        if found is None:
            return {}, None
        try:
            return entries_of(found[0]), found[1]
        except ValueError as error:
            where = f"s3://{self._objects.bucket}/{self._key}"
            raise RecordError(
                f"{where} is damaged: {error}; get an earlier version of the object back"
            ) from None

    def _wrote(self, services: Mapping[str, HostEntry], etag: str | None) -> bool:
        try:
            self._objects.put(self._key, text_of(services.values()).encode(), etag)
        except ConditionError:
            return False
        return True

    def _restless(self) -> NotCurrentError:
        return NotCurrentError(
            f"{self._stack}: {self._key} keeps moving; wait for the running update"
        )
