"""Create, read, update and delete of any type in the tables, without the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .changes import changes, wanted_tags
from .check import DEFAULTS
from .compare import is_empty, same, settled
from .table import CallT, ResourceType
from .wire import UNKNOWN, State, has_unknown


class HalfMadeError(Exception):
    """A resource was made but is not finished; Pulumi keeps it and repairs or replaces it."""

    def __init__(self, resource_id: str, state: State, cause: Exception) -> None:
        super().__init__(str(cause))
        self.resource_id = resource_id
        self.state = state
        self.cause = cause


@dataclass(frozen=True)
class Found:
    """A resource as it is: state for Pulumi's outputs, inputs as a program would write them."""

    state: State
    inputs: State


def create(kind: ResourceType[CallT], call: CallT) -> tuple[str, State]:
    """Makes the resource and gives its id and state. Raises HalfMadeError once it exists."""
    call = _with_tags(kind, call)
    answer = kind.create(call)
    resource_id, told = answer if isinstance(answer, tuple) else (answer, {})
    made = replace(call, id=resource_id, props={**call.props, **told})
    try:
        kind.complete(made)
        return resource_id, _state(kind, made)
    except Exception as error:
        raise HalfMadeError(resource_id, _state_so_far(kind, made), error) from error


def update(kind: ResourceType[CallT], call: CallT) -> State:
    """Changes what differs from call.olds and gives the new state."""
    call = _with_tags(kind, call)
    changed = changes(kind, call.olds, call.props, call.default_tags).names
    kind.update(call, changed | {"tagsAll"} if "tags" in changed else changed)
    return _state(kind, call)


def delete(kind: ResourceType[CallT], call: CallT) -> None:
    """Deletes the resource; one that is gone already is fine."""
    try:
        kind.delete(call)
    except Exception as error:
        if not call.is_gone(error):
            raise


def read(kind: ResourceType[CallT], call: CallT, inputs: State) -> Found | None:
    """The resource as it is now, or None when it is gone.

    call.props is the former state; inputs the former inputs, empty for an import.
    """
    prior = {**_without_defaults(inputs), **call.props}
    seen = _seen(kind, replace(call, props=prior))
    if seen is None:
        return None
    state = {**prior, **_tags_told(kind, seen, prior, call.default_tags)}
    state = {**state, **settled(kind.properties, prior, state)}
    return Found(state, _inputs(kind, state, inputs))


def preview_create(kind: ResourceType[CallT], call: CallT) -> State:
    """The inputs, with everything that only AWS can tell unknown."""
    state = _without_defaults(call.props)
    for name, prop in kind.properties.items():
        if prop.computed and name not in state:
            state[name] = UNKNOWN
        if prop.compare == "block" and name in state and isinstance(state[name], dict):
            open_fields = {key: UNKNOWN for key, inner in prop.fields.items() if inner.computed}
            state[name] = {**open_fields, **state[name]}
    if "region" in kind.properties:
        state["region"] = call.region
    outputs: State = {name: UNKNOWN for name in kind.outputs}
    return {**outputs, **state, **_tags_all(kind, call)}


def preview_update(kind: ResourceType[CallT], call: CallT) -> State:
    """The state after an update, with what the changed inputs make AWS recompute unknown."""
    changed = changes(kind, call.olds, call.props, call.default_tags).names
    kept = {
        name: value
        for name, value in call.olds.items()
        if name not in kind.properties or kind.properties[name].computed or name in call.props
    }
    state = {**kept, **_without_defaults(call.props)}
    for name, prop in kind.properties.items():
        if prop.compare == "block" and isinstance(state.get(name), dict):
            state[name] = {**(call.olds.get(name) or {}), **state[name]}
    for output, causes in kind.recomputed.items():
        flag = kind.recomputed_if.get(output)
        if causes & changed and output not in call.props and (not flag or call.props.get(flag)):
            state[output] = UNKNOWN
    return {**state, **_tags_all(kind, call)}


def _state(kind: ResourceType[CallT], call: CallT) -> State:
    inputs = _without_defaults(call.props)
    seen = _seen(kind, call)
    if seen is None:
        raise LookupError(f"{kind.token} '{call.id}' vanished right after it was made or changed")
    merged = {**inputs, **_tags_told(kind, seen, inputs, call.default_tags)}
    return settled(kind.properties, inputs, merged)


def _state_so_far(kind: ResourceType[CallT], call: CallT) -> State:
    """What is there of a half-made resource, so that the next update sees what is missing."""
    try:
        return _state(kind, call)
    except Exception:
        return _without_defaults(call.props)


def _seen(kind: ResourceType[CallT], call: CallT) -> State | None:
    try:
        seen = kind.read(call)
    except Exception as error:
        if not call.is_gone(error):
            raise
        return None
    if seen is not None and "region" in kind.properties:
        seen["region"] = call.region
    return seen


def _tags_told(
    kind: ResourceType[CallT], seen: State, prior: State, defaults: Mapping[str, str]
) -> State:
    """All real tags as tagsAll; as tags those that the provider's defaults don't explain."""
    if not kind.tagged:
        return seen
    real = {k: v for k, v in (seen.get("tags") or {}).items() if not k.startswith("aws:")}
    own = prior.get("tags") or {}
    tags = {k: v for k, v in real.items() if k in own or defaults.get(k) != v}
    return {**seen, "tags": tags, "tagsAll": real}


def _tags_all(kind: ResourceType[CallT], call: CallT) -> State:
    if not kind.tagged:
        return {}
    if has_unknown(call.props.get("tags")):
        return {"tagsAll": UNKNOWN}
    return {"tagsAll": wanted_tags(call.props, call.default_tags)}


def _with_tags(kind: ResourceType[CallT], call: CallT) -> CallT:
    if not kind.tagged:
        return call
    return replace(call, tags=wanted_tags(call.props, call.default_tags))


def _inputs(kind: ResourceType[CallT], state: State, inputs: State) -> State:
    """The former inputs, corrected where the resource differs; all of them for an import."""
    importing = not _without_defaults(inputs)
    result = dict(inputs)
    for name, prop in kind.properties.items():
        have = state.get(name)
        if name in inputs:
            if not same(prop, inputs[name], have):
                result[name] = have
        elif not is_empty(have) and name != "region" and (importing or not prop.computed):
            result[name] = have
    return result


def _without_defaults(inputs: State) -> State:
    return {key: value for key, value in inputs.items() if key != DEFAULTS}
