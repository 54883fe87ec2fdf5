"""Whether what is to be released was deployed by the stack that built it: what its records say."""

from __future__ import annotations

from collections.abc import Mapping

from clients.record_reader import RecordReader
from infra.access import access_of
from infra.settings import Settings
from release.record import Record

_SEARCHED = 200  # records, of which the newest most often is the one


def untested(settings: Settings, digests: Mapping[str, str]) -> str | None:
    """Why images of these digests count as untested; None if an update with all of them succeeded.

    Reads the origin's records, the newest first. Raises AwsError.
    """
    origin = settings.release.origin
    bucket = origin.bucket or settings.bundles.bucket
    damaged: list[str] = []
    near: Record | None = None
    for record in RecordReader(access_of(settings), bucket).walk(
        origin.stack, _SEARCHED, damaged.append
    ):
        had = _had(record, digests)
        if record.outcome == "succeeded" and len(had) == len(digests):
            return None
        # A failed update's record has those that it made.
        if record.outcome != "succeeded" and had:
            near = near or record
    listed = ", ".join(sorted(digests))
    if near is not None:
        how = "failed" if near.outcome == "failed" else "did not end"
        known = f"the update of {origin.stack!r} that had it, {near.id}, {how}"
    else:
        known = f"no update of {origin.stack!r} that had it is among its newest records in {bucket}"
    return (
        f"This commit's content of {listed} was built and not tested: {known}. Deploy it with "
        f"`pulumi up --stack {origin.stack}` at this commit, or name another snapshot with "
        f"-c source=<snapshot>; `slipway history {origin.stack}` lists them."
    ) + "".join(f"\nLeft out: {each}" for each in damaged[:3])


def _had(record: Record, digests: Mapping[str, str]) -> list[str]:
    """Which of these images the update had, with that digest."""
    return [
        image
        for image, digest in digests.items()
        if image in record.images and record.images[image].digest == digest
    ]
