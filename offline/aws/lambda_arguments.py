"""A Lambda function's properties as arguments of the API."""

from offline.plugin.naming import present, to_api
from offline.plugin.wire import State

_PLAIN = {
    "description": "Description",
    "kmsKeyArn": "KMSKeyArn",
    "memorySize": "MemorySize",
    "role": "Role",
    "timeout": "Timeout",
}
_BLOCKS = {
    "ephemeralStorage": "EphemeralStorage",
    "loggingConfig": "LoggingConfig",
    "tracingConfig": "TracingConfig",
}
_EMPTY = {"description": "", "kmsKeyArn": ""}


def settings(props: State, changed: frozenset[str], *, updating: bool = False) -> State:
    """What create_function and update_function_configuration take, for the changed properties.

    An update must say empty to make something so; a creation leaves it out.
    """
    wanted: State = {}
    for ours, theirs in _PLAIN.items():
        given = props.get(ours)
        if ours in changed and (given is not None or updating):
            wanted[theirs] = _EMPTY.get(ours) if given is None else given
    for ours, theirs in _BLOCKS.items():
        if ours in changed and props.get(ours):
            filled = {key: value for key, value in props[ours].items() if value not in (None, "")}
            wanted[theirs] = to_api(filled)
    if "environment" in changed and (props.get("environment") or updating):
        variables = (props.get("environment") or {}).get("variables") or {}
        wanted["Environment"] = {"Variables": {key: str(item) for key, item in variables.items()}}
    if "imageConfig" in changed and (props.get("imageConfig") or updating):
        wanted["ImageConfig"] = _image(props.get("imageConfig") or {})
    return {name: value for name, value in wanted.items() if value is not None}


def code(props: State) -> State:
    """What update_function_code takes."""
    return present(ImageUri=props["imageUri"], Architectures=props.get("architectures"))


def _image(block: State) -> State:
    return {
        "EntryPoint": block.get("entryPoints") or [],
        "Command": block.get("commands") or [],
        **present(WorkingDirectory=block.get("workingDirectory")),
    }
