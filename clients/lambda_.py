"""Functions of AWS Lambda: their code, versions and aliases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from clients.aws import AwsAccess, AwsError, client, translated

_MISSING = "ResourceNotFoundException"
Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function at one version or alias, or at $LATEST."""

    name: str
    version: str
    """$LATEST or a number."""
    image: str
    """The image as it was given: repository:tag or repository@digest."""
    digest: str | None
    """The digest that Lambda resolved it to."""
    code_sha256: str
    revision: str
    """Changes with every change; a guard for the next one."""
    state: str
    """Pending, Active, Inactive or Failed."""
    update: str
    """Of the last update: Successful, InProgress or Failed."""
    reason: str
    """Why the state or the last update is what it is; may be empty."""
    modified: str = ""
    """When it was last changed, as AWS writes it."""

    @property
    def pending(self) -> bool:
        """Whether Lambda is still at work on it."""
        return self.state == "Pending" or self.update == "InProgress"

    @property
    def failed(self) -> bool:
        """Whether the last update was given up."""
        return self.state == "Failed" or self.update == "Failed"


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A name of one version."""

    name: str
    version: str
    """The version that it points at."""
    shared: Mapping[str, float]
    """Weights of other versions that get a part of the calls; usually empty."""
    revision: str


def function(access: AwsAccess, name: str, qualifier: str | None = None) -> Function | None:
    """The function at a version or alias ($LATEST for None); None if there is none."""
    which = {} if qualifier is None else {"Qualifier": qualifier}
    where = f"{name}:{qualifier}" if qualifier else name
    found = _found(
        f"reading the function {where}",
        lambda: client(access, "lambda").get_function(FunctionName=name, **which),
    )
    return None if found is None else _function(found["Configuration"], found.get("Code") or {})


def update_code(access: AwsAccess, name: str, image: str, revision: str) -> None:
    """Give $LATEST another image, if it is still at that revision. Raises AwsError."""
    with translated(f"giving the function {name} the image {image}"):
        client(access, "lambda").update_function_code(
            FunctionName=name, ImageUri=image, Publish=False, RevisionId=revision
        )


def publish(access: AwsAccess, name: str, code_sha256: str, description: str) -> str:
    """Make a version of $LATEST, if its code is still that; the version's number.

    A version that is the same in code and configuration is given back again by Lambda. Raises
    AwsError.
    """
    guard = {"CodeSha256": code_sha256} if code_sha256 else {}
    with translated(f"publishing a version of the function {name}"):
        made = client(access, "lambda").publish_version(
            FunctionName=name, Description=description[:256], **guard
        )
    return str(made["Version"])


def alias(access: AwsAccess, name: str, called: str) -> Alias | None:
    """The alias, or None if there is none. Raises AwsError."""
    found = _found(
        f"reading the alias {called} of the function {name}",
        lambda: client(access, "lambda").get_alias(FunctionName=name, Name=called),
    )
    if found is None:
        return None
    weights = (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return Alias(
        name=called,
        version=str(found["FunctionVersion"]),
        shared=weights,
        revision=str(found.get("RevisionId") or ""),
    )


def point(access: AwsAccess, name: str, called: str, version: str, now: Alias | None) -> None:
    """Make the alias, or move it if it still is as `now`. Raises AwsError."""
    with translated(f"moving the alias {called} of the function {name} to version {version}"):
        if now is None:
            client(access, "lambda").create_alias(
                FunctionName=name, Name=called, FunctionVersion=version
            )
        else:
            client(access, "lambda").update_alias(
                FunctionName=name,
                Name=called,
                FunctionVersion=version,
                RoutingConfig={"AdditionalVersionWeights": {}},
                RevisionId=now.revision,
            )


def unpoint(access: AwsAccess, name: str, called: str) -> None:
    """Take an alias away. Raises AwsError."""
    with translated(f"taking the alias {called} of the function {name} away"):
        client(access, "lambda").delete_alias(FunctionName=name, Name=called)


def _found(doing: str, ask: Callable[[], Answer]) -> Answer | None:
    try:
        with translated(doing):
            return ask()
    except AwsError as error:
        if error.code == _MISSING:
            return None
        raise


def _function(said: Mapping[str, Any], code: Mapping[str, Any]) -> Function:
    reasons = (said.get("LastUpdateStatusReason"), said.get("StateReason"))
    return Function(
        name=str(said["FunctionName"]),
        version=str(said.get("Version") or ""),
        image=str(code.get("ImageUri") or ""),
        digest=str(code.get("ResolvedImageUri") or "").partition("@")[2] or None,
        code_sha256=str(said.get("CodeSha256") or ""),
        revision=str(said.get("RevisionId") or ""),
        state=str(said.get("State") or "Active"),
        update=str(said.get("LastUpdateStatus") or "Successful"),
        reason=next((str(each) for each in reasons if each), ""),
        modified=str(said.get("LastModified") or ""),
    )
