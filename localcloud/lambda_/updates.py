"""Changes of functions: they take time, and one function has one at a time."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace

from localcloud.containers.images import Images
from localcloud.containers.pull_rights import AuthError, PullError
from localcloud.lambda_.call import now
from localcloud.lambda_.records import Function, Version
from localcloud.lambda_.refusals import in_progress, in_state, precondition
from localcloud.lambda_.source import pull
from localcloud.limits import Limits

CREATING = ("Creating", "The function is being created.")


class Updates:
    """Brings $LATEST and new versions from Pending or InProgress to their end.

    Lambda Developer Guide, "Lambda function states". The RevisionId changes when a change ends,
    too: one that was read before is no precondition any more.
    """

    def __init__(self, images: Images, limits: Limits, retire: Callable[[str], None]) -> None:
        """`retire` hears the build that nothing is to be invoked on any more."""
        self._images, self._limits, self._retire = images, limits, retire

    def refuse(self, function: Function, revision: str | None) -> None:
        """Raises AwsError while a change runs, and if `revision` is not the current one."""
        if function.latest.state == "Pending":
            raise in_state("Pending")
        if function.latest.update == "InProgress":
            raise in_progress(function.arn)
        if revision is not None and revision != function.latest.revision:
            raise precondition()

    def begin(self, function: Function, wanted: Version, published: Version | None) -> None:
        """Shows a change as begun and ends it in the background."""
        if wanted.update is not None:
            wanted = replace(wanted, update="InProgress", update_reason=CREATING)
        function.latest = wanted
        if published is not None:
            function.versions[published.number] = published
        work = threading.Thread(
            target=self._end, args=(function, wanted, published), daemon=True, name="lambda-update"
        )
        work.start()

    def publish(self, function: Function, version: Version) -> None:
        """Shows a new version as Pending and makes it Active in the background."""
        function.versions[version.number] = version
        work = threading.Thread(
            target=self._end_version, args=(function, version), daemon=True, name="lambda-version"
        )
        work.start()

    def _end(self, function: Function, wanted: Version, published: Version | None) -> None:
        ends = time.monotonic() + self._limits.lambda_update_seconds
        problem = self._pull(function, wanted)
        time.sleep(max(0.0, ends - time.monotonic()))
        with function.lock:
            self._show(function, wanted, problem)
            if published is not None and published.number in function.versions:
                function.versions[published.number] = done(published, problem)

    def _end_version(self, function: Function, version: Version) -> None:
        time.sleep(self._limits.lambda_update_seconds)
        with function.lock:
            if version.number in function.versions:
                function.versions[version.number] = done(version, "")

    def _show(self, function: Function, wanted: Version, problem: str) -> None:
        if problem and wanted.update is not None:
            reason = ("InvalidImage", problem)
            failed = replace(wanted, update="Failed", update_reason=reason)
            function.latest = replace(failed, revision=str(uuid.uuid4()))
            return
        old = function.serving.build
        function.latest = function.serving = done(wanted, problem)
        if old != function.serving.build:
            self._retire(old)

    def _pull(self, function: Function, wanted: Version) -> str:
        """Why the image can't be had; empty if the engine has it."""
        arch = wanted.settings.architecture
        try:
            pull(self._images, wanted.code, function.account, function.region, arch)
        except (PullError, AuthError) as error:
            return str(error)
        return ""


def done(version: Version, problem: str) -> Version:
    """A version after its change."""
    state, reason = ("Failed", ("InvalidImage", problem)) if problem else ("Active", None)
    return replace(
        version,
        state=state,
        state_reason=reason,
        update="Failed" if problem else "Successful",
        update_reason=reason,
        revision=str(uuid.uuid4()),
    )


def pending(number: str, latest: Version, description: str | None) -> Version:
    """A version with what $LATEST is, which is not active yet."""
    settings = latest.settings
    if description:
        settings = replace(settings, description=description)
    return Version(
        number=number,
        settings=settings,
        code=latest.code,
        modified=now(),
        state="Pending",
        state_reason=CREATING,
        update="Successful",
    )
