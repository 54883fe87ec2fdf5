"""Objects made, read, changed and deleted, as the official plugin does it.

A new object is posted, so that one that is there is not overwritten; changes are applied
server-side under a field manager of the resource's own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from offline.plugin.operations import HalfMadeError
from offline.plugin.wire import State, has_unknown

from .api import Write
from .errors import ApiError, NoKindError, UnreachableError
from .failures import hidden
from .objects import (
    PROPAGATION,
    SKIP_AWAIT,
    annotation,
    identity,
    metadata_of,
    secret_values,
    split_identity,
)
from .ownership import taken_over
from .reading import foreseen, foreseen_new
from .subject import Subject
from .waiting import await_gone, await_ready, seconds_of


def create(subject: Subject) -> tuple[str, State]:
    """Id and state of a new object, once it is ready. Raises HalfMadeError if it never is."""
    write, body = subject.write(dry_run=False), subject.body()
    make = (
        subject.cluster.api.apply if subject.cluster.settings.upsert else subject.cluster.api.create
    )
    with _discreet(body):
        made = make(subject.served, subject.namespace, body, write)
    return identity(made), _ready(subject, made, write)


def preview_create(subject: Subject) -> State:
    """What is known of a new object, after a trial at the API where that can be made."""
    unknown = foreseen_new(subject.inputs, {"metadata": {}})
    if not subject.cluster.is_known or has_unknown(subject.inputs):
        return unknown
    body = subject.body()
    try:
        with _discreet(body):
            write = subject.write(dry_run=True)
            tried = subject.cluster.api.create(subject.served, subject.namespace, body, write)
    except NoKindError:
        return unknown  # its definition may be made by the same update
    except ApiError as error:
        there = error.reason == "AlreadyExists"  # as when the old one is deleted first
        if there or (subject.namespace and error.names(subject.namespace)):
            return unknown
        raise
    return foreseen_new(subject.inputs, tried)


def update(subject: Subject) -> State:
    """The state after a change, once it is ready. Raises HalfMadeError if it never is."""
    api, write, body = subject.cluster.api, subject.write(dry_run=False), subject.body()
    live = _there(subject)
    if (entries := taken_over(live, write.manager)) is not None:
        version = live["metadata"]["resourceVersion"]
        # The version makes sure that nobody has changed the entries since they were read.
        changes = [
            {"op": "replace", "path": "/metadata/managedFields", "value": entries},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
        ]
        api.patch(subject.served, subject.namespace, str(body["metadata"]["name"]), changes)
    with _discreet(body):
        made = api.apply(subject.served, subject.namespace, body, write)
    return _ready(subject, made, write)


def preview_update(subject: Subject) -> State:
    """What an object will be, after a trial at the API where that can be made."""
    if not subject.cluster.is_known or has_unknown(subject.inputs):
        return foreseen({**subject.state, **subject.inputs, "metadata": _metadata(subject)})
    write, body = subject.write(dry_run=True), subject.body()
    live = _there(subject)
    if taken_over(live, write.manager) is not None:
        # The entries can't be moved on trial, and would be conflicts.
        write = Write(manager=write.manager, dry_run=True, force=True)
    with _discreet(body):
        tried = subject.cluster.api.apply(subject.served, subject.namespace, body, write)
    return foreseen(subject.kept(tried, write))


def read(subject: Subject) -> State | None:
    """The live object; None if the API says that it is gone, or that there is no such kind."""
    namespace, name = split_identity(subject.id)
    try:
        return subject.cluster.api.get(subject.served, namespace, name)
    except NoKindError:
        return None
    except UnreachableError:
        if subject.cluster.settings.delete_unreachable:
            return None
        raise


def delete(subject: Subject) -> None:
    """Deletes it and what belongs to it, and waits until it is gone. Raises WaitError."""
    live = read(subject)
    if live is None:
        return
    namespace, name = split_identity(subject.id)
    propagation = annotation(live, PROPAGATION) or "foreground"
    subject.cluster.api.delete(subject.served, namespace, name, propagation.capitalize())
    if annotation(live, SKIP_AWAIT).lower() == "true":
        return
    seconds = seconds_of(live, subject.seconds)
    await_gone(subject.cluster, subject.served, namespace, live, seconds)


def _ready(subject: Subject, made: State, write: Write) -> State:
    try:
        live = await_ready(subject.cluster, subject.served, made, subject.inputs, subject.seconds)
    except Exception as error:
        latest = read(replace(subject, id=identity(made))) or made
        raise HalfMadeError(identity(made), subject.kept(latest, write), error) from error
    return subject.kept(live, write)


def _there(subject: Subject) -> State:
    live = subject.cluster.api.get(subject.served, *split_identity(subject.id))
    if live is None:
        raise LookupError(
            f"{subject.kind} {subject.id} is not there any more: somebody deleted it; "
            "`pulumi refresh` takes note of it, and the next update makes it again"
        )
    return live


def _metadata(subject: Subject) -> State:
    return {**metadata_of(subject.state), **metadata_of(subject.inputs)}


@contextmanager
def _discreet(body: State) -> Iterator[None]:
    """Errors of the API don't repeat values of a secret."""
    try:
        yield
    except ApiError as error:
        raise hidden(error, secret_values(body)) from None
