"""`rollout:index:GitHubRelease`: a release on GitHub with its annotated tag, made once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from clients import CancelledError, ClientError
from clients.github_names import check_api, check_commit, check_repository, check_tag
from clients.github_token import NoTokenError
from provider.image_inputs import changed
from provider.resource import Call, Diff, Old, Properties
from provider.wire import UNKNOWN, is_known
from release.notes import LONGEST

if TYPE_CHECKING:
    from clients.github import GitHub
    from clients.github_publish import ReleaseWish

_CHECKS: dict[str, Callable[[str], str]] = {
    "repository": check_repository,
    "api": check_api,
    "tag": check_tag,
    "commit": check_commit,
}
_PREVIEW_WAIT = 5.0  # seconds: a preview does not wait for rate limits
_SHOWN = 60  # lines of notes in a preview


class GitHubReleaseResource:
    """The methods of the resource type; see `provider.resource.Resource`.

    The token is found in each call and is in no input, output or line.
    """

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        wrong: dict[str, str] = {}
        for name, check in _CHECKS.items():
            value = inputs.get(name, "")
            try:
                if is_known(value):
                    check(str(value))
            except ValueError as error:
                wrong[name] = str(error)
        notes = inputs.get("notes", "")
        if is_known(notes) and len(notes) > LONGEST:
            wrong["notes"] = f"{len(notes)} characters; GitHub allows {LONGEST} in a release"
        return wrong

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By repository and tag; notes, commit and record of a release that is made are history."""
        moved = changed(old.inputs, inputs, ("repository", "api"))
        if moved:
            return Diff(changed=moved, replaced=moved)
        return Diff(changed=changed(old.inputs, inputs, ("tag",)))

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Make what is missing on GitHub, or say in a preview what would be made."""
        repository = str(inputs["repository"])
        if preview:
            return repository, _foresee(call, inputs)
        from clients.github_publish import publish  # late, here and below: it loads pydantic

        wish = _wish(inputs)
        call.status(f"publishing release {wish.tag} on GitHub")
        published = publish(_github(call, inputs, None), wish)
        for remark in published.remarks:
            call.info(f"warning: {remark}")
        if published.created:
            call.info(f"release {wish.tag} is published: {published.url}")
        elif not published.remarks:
            call.info(f"release {wish.tag} is on GitHub already and stays: {published.url}")
        return repository, _outputs(wish.tag, published.url, published.created)

    def read(self, call: Call, old: Old) -> Properties | None:
        """The release's present address, or None if somebody deleted it."""
        tag = str(old.inputs["tag"])
        try:
            github = _github(call, old.inputs, _PREVIEW_WAIT)
            github.check_there()
            found = github.find_release(tag)
        except NoTokenError as error:
            call.info(f"warning: release {tag} was not looked at: {error}")
            return old.outputs
        if found is None:
            call.info(f"release {tag} is no longer on GitHub; the next update publishes it again")
            return None
        return {**old.outputs, "url": found.url}


def _foresee(call: Call, inputs: Properties) -> Properties:
    from clients.github_publish import TagTakenError, look

    tag = inputs["tag"]
    if not is_known(tag) or not is_known(inputs["commit"]):
        call.info("a GitHub release would be published; its version is not known yet")
        return _outputs(UNKNOWN, UNKNOWN, True)
    wish = _wish(inputs)
    try:
        present = look(_github(call, inputs, _PREVIEW_WAIT), wish)
    except TagTakenError:
        raise
    except ClientError as error:
        # A pull request's preview may have no token, or one that only reads.
        call.info(f"warning: what GitHub has was not looked at: {error}")
    else:
        for remark in present.remarks(wish) if is_known(inputs.get("notes")) else ():
            call.info(remark)
        if present.release is not None:
            call.info(f"release {tag} is on GitHub already and stays: {present.release.url}")
            return _outputs(wish.tag, present.release.url, False)
    call.info(_told(wish, inputs))
    return _outputs(wish.tag, UNKNOWN, True)


def _told(wish: ReleaseWish, inputs: Properties) -> str:
    first = (
        f"release {wish.tag} of {inputs['repository']} would be published, with an annotated tag "
        f"on {wish.commit}"
    )
    if not is_known(inputs.get("notes")):
        return f"{first}; its notes are known when the images are"
    lines = wish.notes.rstrip().splitlines()
    left = len(lines) - _SHOWN
    more = [f"… and {left} more lines"] if left > 0 else []
    return "\n".join([f"{first}, and these notes:", *lines[:_SHOWN], *more])


def _wish(inputs: Properties) -> ReleaseWish:
    from clients.github_publish import ReleaseWish

    return ReleaseWish(
        tag=str(inputs["tag"]),
        commit=str(inputs["commit"]),
        name=str(inputs.get("name") or inputs["tag"]),
        notes=str(inputs.get("notes", "")),
        prerelease=bool(inputs.get("prerelease", False)),
        record=str(inputs.get("record", "")),
    )


def _github(call: Call, inputs: Properties, longest: float | None) -> GitHub:
    """The client; it waits at most `longest` seconds at a time, and not after a cancel."""
    from clients.github import GitHub

    def wait(seconds: float) -> None:
        if longest is not None and seconds > longest:
            raise ClientError(f"GitHub asks to wait {seconds:.0f} s, which a preview does not")
        if seconds >= 1:
            call.status(f"waits {seconds:.0f} s, as GitHub asks")
        if call.cancelled.wait(seconds):
            raise CancelledError("cancelled while waiting for GitHub; run it again to go on")

    return GitHub(str(inputs["api"]), str(inputs["repository"]), wait)


def _outputs(tag: str, url: str, created: bool) -> dict[str, Any]:
    return {"url": url, "tag": tag, "created": created}
