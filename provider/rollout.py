"""What every rollout does around its target: account, hold, record, policy and outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clients import CancelledError, ClientError
from provider.asked import Asked
from provider.configured import Configured
from provider.policy import Done, Failure, RolloutError, Switched
from provider.resource import Call, Diff, Old, Properties
from provider.wire import UNKNOWN, is_known
from release.record_text import plain

if TYPE_CHECKING:
    from release.record import ServiceEntry


def diff_of(
    call: Call,
    old: Old,
    inputs: Properties,
    asked: Sequence[str],
    drift: Callable[[Old], tuple[str, str]],
) -> Diff:
    """By what is asked, and by what the target says it has: `drift` gives the property that is
    another than the state says and how, or two empty texts; it is only asked where it decides."""
    if old.inputs.get("service") != inputs["service"]:
        return Diff(changed=["service"], replaced=["service"])
    changed = [name for name in asked if old.inputs.get(name) != inputs.get(name)]
    if inputs.get("again"):
        changed.append("again")
    if not changed:
        drifted, why = drift(old)
        if drifted:
            call.info(f"{inputs['service']}: {why}; it will be deployed again")
            changed.append(drifted)
    return Diff(changed=changed)


def carry_out(
    configured: Configured,
    switched: Switched,
    call: Call,
    asked: Asked,
    work: Callable[[], Done],
) -> dict[str, Any]:
    """Do the work inside of the update's record; the outputs of the resource.

    A failure raises under the policy `independent`. Under `together` it becomes the verdict in the
    outputs: the resource Together raises when all services have had their turn. What stops the
    whole update (a hold, another account, a cancelled run) raises under both.
    """
    deployment = configured.deployment
    configured.check_account()
    with deployment.acting(call, asked.service, asked.release) as record:
        try:
            done = work()
        except ClientError as error:
            told = error if isinstance(error, RolloutError) else RolloutError(str(error))
            done = _failed(told)
            if _must_raise(call, asked, error):
                _noted(configured, asked, done, record)
                raise
            _excuse(switched, call, asked, told)
    if done.put_back is not None:
        switched.add(asked.service, done.put_back)
    return _noted(configured, asked, done, record)


def _must_raise(call: Call, asked: Asked, error: ClientError) -> bool:
    stopped = isinstance(error, CancelledError) or call.cancelled.is_set()
    return asked.policy != "together" or stopped


def _noted(configured: Configured, asked: Asked, done: Done, record: str) -> dict[str, Any]:
    """The outputs, which the record of this update tells too."""
    outputs = {**done.outputs, "reason": asked.reason, "deployment": record}
    if configured.deployment.kept:
        configured.deployment.note(asked.service, entry_of(asked, outputs))
    return outputs


def _excuse(switched: Switched, call: Call, asked: Asked, told: RolloutError) -> None:
    switched.add_failure(asked.service, Failure(report=str(told), brief=told.brief))
    call.warning(
        f"{asked.service}: {told.verdict.words}. The services of this stack switch together: the "
        "others are put back when each has had its turn"
    )


def _failed(told: RolloutError) -> Done:
    outputs = {
        "verdict": told.verdict.words,
        "deployed_digest": told.verdict.digest or "",
        "running": told.running,
        "seconds": {},
    }
    return Done(outputs=outputs, put_back=None)


def unknown_outputs(inputs: Properties, reason: str, *more: str) -> dict[str, Any]:
    """What a preview knows; `more` names the outputs that only this target has."""
    return {
        "verdict": UNKNOWN,
        "running": UNKNOWN,
        "deployed_digest": inputs["digest"],
        "seconds": UNKNOWN,
        "reason": reason,
        "deployment": UNKNOWN,
        **dict.fromkeys(more, UNKNOWN),
    }


def why_deployed(old: Old | None, inputs: Properties, reasons: Mapping[str, Sequence[str]]) -> str:
    """Why a service is deployed, for a person: what is another than before.

    `reasons` has the input names behind each of the target's own reasons.
    """
    if old is None:
        return "it was not deployed before"
    before, found = old.inputs, list[str]()
    if before.get("digest") != inputs.get("digest"):
        found.append(f"{short(before.get('digest'))} becomes {short(inputs.get('digest'))}")
    elif before.get("image") != inputs.get("image"):
        found.append("its image has another name")
    for text, names in reasons.items():
        if any(before.get(name) != inputs.get(name) for name in names):
            found.append(text)
    deployed = old.outputs.get("deployed_digest")
    if deployed != before.get("digest"):
        found.append(f"it ran {short(deployed)} instead")
    return ", ".join(found) or "it was asked for again"


def entry_of(asked: Asked, outputs: Mapping[str, Any]) -> ServiceEntry:
    """The service in the record of this update; an absent one has the digest that was asked for."""
    from release.record import ServiceEntry

    return ServiceEntry(
        target=asked.target,
        image=asked.image,
        digest=outputs["deployed_digest"] or asked.digest,
        version=plain(asked.version),
        reason=plain(outputs["reason"]),
        verdict=plain(outputs["verdict"]),
        seconds=outputs["seconds"],
        deployment=outputs["deployment"],
    )


def short(digest: object) -> str:
    """A digest as it is said in a line."""
    if not digest:
        return "nothing"
    return str(digest)[:19] if is_known(digest) else "a digest that is yet to be made"


def split_image(image: str) -> tuple[str, str]:
    """The repository and the tag of repository[:tag]@digest; the tag may be empty."""
    named = image.partition("@")[0]
    path, colon, tag = named.rpartition(":")
    return (path, tag) if colon and "/" not in tag else (named, "")
