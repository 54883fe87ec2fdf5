"""Images that are pulled from a registry."""

from docker.errors import DockerException, ImageNotFound
from docker.utils import parse_repository_tag

from offline.plugin.table import Property, ResourceType
from offline.plugin.wire import State

from .call import Call

_FIXED = Property(replaces=True)


def _create(call: Call) -> str:
    """The official plugin's id: the image's id, then its name. One that is there isn't pulled."""
    name: str = call.props["name"]
    if not _is_here(call, name):
        _pull(call, name)
    return f"{call.api.inspect_image(name)['Id']}{name}"


def _is_here(call: Call, name: str) -> bool:
    if call.props.get("pullTriggers") or call.props.get("platform"):
        return False
    try:
        call.api.inspect_image(name)
    except ImageNotFound:
        return False
    return True


def _pull(call: Call, name: str) -> None:
    repository, tag = parse_repository_tag(name)
    lines = call.api.pull(
        repository,
        tag=tag or "latest",
        stream=True,
        decode=True,
        auth_config=call.logins.of(name),
        platform=call.props.get("platform"),
    )
    for line in lines:
        if call.cancelled.is_set():
            raise LookupError(f"the pull of {name} was cancelled")
        if said := line.get("error"):
            raise DockerException(f"{name} can't be pulled: {said}")


def _read(call: Call) -> State:
    name = call.props.get("name") or call.id[len("sha256:") + 64 :]
    told = call.api.inspect_image(name)
    return {"imageId": told["Id"], "name": name, "repoDigest": _digest(told, name)}


def _digest(told: State, name: str) -> str:
    """The digest under which the engine knows the image in the name's own repository."""
    repository = parse_repository_tag(name)[0]
    found: list[str] = told.get("RepoDigests") or []
    return next((each for each in found if each.partition("@")[0] == repository), "")


def _delete(call: Call) -> None:
    if not call.props.get("keepLocally"):
        force = bool(call.props.get("forceRemove"))
        call.api.remove_image(call.props["name"], force=force)


REMOTE_IMAGE = ResourceType(
    "docker:index/remoteImage:RemoteImage",
    properties={
        "name": Property(required=True, replaces=True),
        "forceRemove": Property(),
        "keepLocally": Property(),
        "platform": _FIXED,
        "pullTriggers": Property("set", replaces=True),
        "triggers": Property("map", replaces=True),
    },
    outputs=frozenset({"imageId", "repoDigest"}),
    create=_create,
    read=_read,
    delete=_delete,
)
