"""Container definitions: the JSON of a task definition, compared by what it means."""

import json
from typing import Any

from offline.plugin.compare import parsed
from offline.plugin.wire import UNKNOWN, State

# Maps whose keys are the program's own words.
_FREE = frozenset({"options", "dockerLabels"})


def definitions(text: str) -> list[State]:
    """The definitions as the API wants them: keys begin small, as the official plugin allows.

    Raises ValueError if the text is not a JSON list of objects.
    """
    found = json.loads(text)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ValueError("a list of objects is expected")
    return [dict(_small(each)) for each in found]


def refuse(inputs: State) -> list[tuple[str, str]]:
    """What is wrong with containerDefinitions, before anything is registered."""
    text = inputs.get("containerDefinitions")
    if text is None or text is UNKNOWN:
        return []
    try:
        found = definitions(text)
    except (ValueError, TypeError) as error:
        return [("containerDefinitions", f"containerDefinitions is no container list: {error}")]
    nameless = [index for index, each in enumerate(found) if not each.get("name")]
    return [
        ("containerDefinitions", f"containerDefinitions[{index}] has no name; give it one")
        for index in nameless
    ]


def _meaning(text: str) -> Any:
    """Order of containers, variables and secrets, defaults and empty fields have no meaning.

    A host port that equals the container port counts as none: so it is with awsvpc.
    """
    return sorted(
        (_plain(each) for each in definitions(text)), key=lambda each: str(each.get("name"))
    )


def _plain(container: State) -> State:
    result = {"essential": True, **container}
    for name in ("environment", "secrets"):
        result[name] = sorted(result.get(name) or [], key=lambda item: str(item.get("name")))
    result["portMappings"] = [_port(each) for each in result.get("portMappings") or []]
    return dict(_filled(result))


def _port(mapping: State) -> State:
    host = mapping.get("hostPort")
    kept = {} if host in (None, 0, mapping.get("containerPort")) else {"hostPort": host}
    rest = {key: value for key, value in mapping.items() if key != "hostPort"}
    return {"protocol": "tcp", **rest, **kept}


def _filled(value: Any) -> Any:
    """Without null, zero and empty fields; false stays."""
    if isinstance(value, dict):
        fields = {key: _filled(item) for key, item in value.items()}
        return {
            key: item
            for key, item in fields.items()
            if item is False or item not in (None, [], {}, 0)
        }
    return [_filled(item) for item in value] if isinstance(value, list) else value


def _small(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key[:1].lower() + key[1:]: item if key[:1].lower() + key[1:] in _FREE else _small(item)
            for key, item in value.items()
        }
    return [_small(item) for item in value] if isinstance(value, list) else value


same_containers = parsed(_meaning)
"""Whether two texts of containerDefinitions ask for the same containers."""
